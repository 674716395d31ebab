"""``python -m qtops.schemas --write | --check``: make the shipped schemas again, or tell whether they are up to date."""

import sys

from qtops.schemas import SCHEMAS, make, path, stale


def main(argv: list[str]) -> int:
    """0 when all are up to date or were written, 1 when one is stale, 64 for any other command line."""
    match argv:
        case ["--write"]:
            for name, target in SCHEMAS:
                path(name).write_text(make(target), "utf-8")
            return 0
        case ["--check"]:
            out_of_date = stale()
            for name in out_of_date:
                sys.stderr.write(f"{path(name)}: out of date; run python -m qtops.schemas --write\n")
            return 1 if out_of_date else 0
    sys.stderr.write("usage: python -m qtops.schemas --write | --check\n")
    return 64


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
