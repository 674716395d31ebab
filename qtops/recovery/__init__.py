"""A recovery from the diagnosis to the proof of its effect, or back."""
