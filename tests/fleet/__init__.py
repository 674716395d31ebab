"""A synthetic fleet: units with planted wiring faults, healthy ones that look alike, and how well the map tells them apart."""
