"""Checks of how often things are updated, and the limits that others put on their age."""
