"""Whether a recovery worked, and when each thing was done: pure, so that it can be asked again of what was recorded."""
