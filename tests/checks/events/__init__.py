"""Checks of events."""
