"""Gather a case, write its report beside its evidence, and read both again."""
