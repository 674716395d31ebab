"""What to do about findings: pure, facts in, steps out; nothing is carried out here."""
