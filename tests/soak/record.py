"""What is on record, read from outside by SQLite alone: only what is committed is seen."""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Record:
    """The store in a folder. There is nothing on record before a supervisor ran there."""

    folder: Path

    def connect(self) -> sqlite3.Connection:
        """A connection for reading, to be closed by the caller."""
        return sqlite3.connect(f"file:{self.folder}/incidents.db?mode=ro", uri=True, timeout=10)

    def rows(self, query: str, *given: object) -> list[Any]:
        """All rows of an answer."""
        with closing(self.connect()) as connection:
            return connection.execute(query, given).fetchall()

    def faults(self) -> set[str]:
        """The keys of all faults on record."""
        return {key for (key,) in self.rows("SELECT key FROM faults")}

    def has(self, keys: Sequence[str]) -> bool:
        """Whether all of these are on record."""
        return set(keys) <= self.faults()

    def incidents(self, unit: str = "%", kind: str = "%") -> list[dict[str, Any]]:
        """Incidents, oldest first."""
        query = """SELECT json_insert(content, '$.number', number) FROM incidents
          WHERE json_extract(content, '$.unit') LIKE ? AND json_extract(content, '$.kind') LIKE ? ORDER BY number"""

        return [json.loads(content) for (content,) in self.rows(query, unit, kind)]

    def open_since(self, unit: str, since_s: float) -> float | None:
        """When the unit's incident was opened, or opened again, since then; None where it was not. Seconds since the epoch."""
        query = """SELECT min(entries.at_s) FROM entries JOIN incidents ON incidents.number = entries.incident
          WHERE json_extract(content, '$.unit') = ? AND event IN ('opened', 'reopened', 'not clear') AND at_s >= ?"""
        at_s = self.rows(query, unit, since_s)[0][0]
        return None if at_s is None else float(at_s)

    def events(self, unit: str = "%") -> Counter[str]:
        """How often each event is in the timelines of a unit."""
        query = """SELECT event, count(*) FROM entries JOIN incidents ON incidents.number = entries.incident
          WHERE json_extract(content, '$.unit') LIKE ? GROUP BY event"""
        return Counter(dict(self.rows(query, unit)))

    def notices(self) -> dict[str, str]:
        """The state of each notice by its id."""
        return dict(self.rows("SELECT id, state FROM notices"))

    def restarts(self, unit: str) -> list[float]:
        """When the supervisor restarted a unit, by its own record."""
        return [at_s for (at_s,) in self.rows("SELECT at_s FROM attempts WHERE unit = ? AND kind = 'restart' ORDER BY at_s", unit)]

    def size_mb(self) -> float:
        """Of everything in its folder."""
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file()) / 1e6
