"""What is wrong with services, and why: one report, one renderer per file."""
