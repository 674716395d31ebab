"""How fresh the keys are: one report, one renderer per file."""
