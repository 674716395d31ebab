"""What starts will do before they are tried: one report, one renderer per file."""
