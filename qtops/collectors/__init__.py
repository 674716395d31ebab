"""Read the host, and change nothing."""
