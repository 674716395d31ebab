"""What of ``deploy/`` goes where on a host, and what is to be done for that: pure, from what was found there."""
