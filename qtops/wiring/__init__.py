"""Reads source for the names in Redis that it writes and reads, without running it."""
