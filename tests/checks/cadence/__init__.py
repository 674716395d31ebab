"""Checks of cadence."""
