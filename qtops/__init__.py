"""qtops: the operator's toolkit for Python services under systemd with Redis as the state bus."""

__version__ = "0.1.0"
