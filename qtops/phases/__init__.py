"""How the phases of a plan stand, judged from what was measured and nothing else. Pure."""
