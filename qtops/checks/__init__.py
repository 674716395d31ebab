"""What is wrong: pure functions from facts to verdicts."""
