"""A transaction struck at each of its calls into the kernel, and what is there afterwards."""
