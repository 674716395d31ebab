"""What those who are told of an incident are told."""
