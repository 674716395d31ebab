"""Putting the files of ``deploy/`` in place on a host, and taking them away again."""
