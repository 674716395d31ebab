"""Reports of events."""
