"""A recovery as it is shown: planned, refused, carried out, proven, or undone."""
