"""Reports of cadence."""
