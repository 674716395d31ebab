"""What follows from what is observed: which incident it belongs to, and what is to be done. Pure: no clock, no I/O."""
