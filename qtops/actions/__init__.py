"""CHANGES THE HOST: files, systemd, and the ledger of what was begun, done and undone."""
