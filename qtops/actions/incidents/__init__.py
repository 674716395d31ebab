"""The incidents on record: one SQLite file beside a folder per incident, owned by the supervisor's user."""
