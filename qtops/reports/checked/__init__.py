"""What all commands that look at Redis and judge have in common: the frame of their report, and its forms for machines."""
