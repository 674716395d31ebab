"""Runbooks that can be run: Markdown with steps in it."""
