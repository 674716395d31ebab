"""Say it: pure renderers, one file per format."""
