"""``python -m qtops``: the same as ``qtops``."""

from qtops.cli.main import main

main()
