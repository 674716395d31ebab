"""What ``qtops phases`` prints: the plan, how each phase stands, and what has changed since it was last reported on."""
