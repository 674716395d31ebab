"""The journal of services, as ``journalctl`` reads it: what was said in the current or last run of each, and by whom."""
