"""What ``qtops verify streams`` found, for people and for programs."""
