"""A runbook as a page, and what came of running it."""
