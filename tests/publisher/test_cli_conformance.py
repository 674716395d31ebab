"""``python -m publisher conformance``: 0 for equal, 1 for different, 64 for what cannot be compared."""

import io
import json
import sys
from pathlib import Path

import pytest

from tests.publisher.running import code

VECTORS = Path(__file__).parents[1] / "data" / "kernel_v1_public.jsonl"


def vectors(tmp_path: Path, *lines: str) -> str:
    path = tmp_path / "vectors.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(path)


def test_equal_vectors_are_0(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert code(monkeypatch, "conformance", str(VECTORS)) == 0
    assert capsys.readouterr() == ("1000 equal, 0 different\n", "")


def test_a_single_bit_of_difference_is_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lines = VECTORS.read_text(encoding="utf-8").splitlines()[:20]
    altered = json.loads(lines[3])
    altered["out"]["proposed_sl"] *= 1 + 2**-52
    lines[3] = json.dumps(altered)
    assert code(monkeypatch, "conformance", vectors(tmp_path, *lines)) == 1
    out, err = capsys.readouterr()
    assert out == "19 equal, 1 different\n"
    assert f"{altered['id']}: proposed_sl expected" in err


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "{}",
        '"text"',
        "null",
        '{"id": 1, "in": {}, "out": {}}',
        '{"id": 1, "in": null, "out": null}',
        "[" * 100_000,
        "\x00",
    ],
)
def test_what_is_no_vector_is_64(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, line: str
) -> None:
    assert code(monkeypatch, "conformance", vectors(tmp_path, line)) == 64
    out, err = capsys.readouterr()
    assert out == ""
    assert "line 1 is not a kernel vector" in err


def test_a_file_that_is_empty_absent_or_no_text_is_64(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert code(monkeypatch, "conformance", vectors(tmp_path)) == 64
    assert code(monkeypatch, "conformance", str(tmp_path / "absent")) == 64
    assert code(monkeypatch, "conformance", str(tmp_path)) == 64
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    assert code(monkeypatch, "conformance", str(tmp_path / "binary")) == 64
    assert code(monkeypatch, "conformance") == 64


def test_vectors_can_be_piped_in(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = VECTORS.read_bytes().splitlines(keepends=True)[:5]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"".join(lines)), encoding="utf-8"))
    assert code(monkeypatch, "conformance", "-") == 0
    assert capsys.readouterr().out == "5 equal, 0 different\n"
