"""What ``qtops top`` shows: how everything is at one moment, the sickest first."""
