"""Whether the criteria of a phase hold: pure, from one look and a phase of the plan."""
