# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that says that a host is in maintenance, and until when. Private to this collection.

Its first line, a comment to FRR, has the record. The others are FRR's lines of maintenance, for an FRR that restarts.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import Any, Dict, Optional, Sequence

from ..._core import namespace

FILE = namespace.MAINTENANCE


@dataclass(frozen=True)
class Record:
    """A maintenance. ``since`` and ``until`` are in UTC as ISO 8601 has them, ``deadline`` is the end in seconds of the clock
    that nobody steps (CLOCK_MONOTONIC). ``process`` is the number of what waits for the end, 0 where systemd does."""

    since: str
    until: str
    deadline: float
    process: int = 0

    kind = "maintenance"
    name = "expiry"

    @property
    def is_over(self) -> bool:
        """Whether its end has come; nothing has seen to it if it is still there."""
        return time.monotonic() > self.deadline

    def to_output(self) -> Dict[str, Any]:
        return {"name": self.name, "until": self.until}


#: What stands for a file that this collection has not written.
UNKNOWN = Record("an unknown time", "an unknown time", 0.0)


def begun(expiry: int) -> Record:
    """A maintenance from now on, for ``expiry`` seconds."""
    now = time.time()
    return Record(_told(now), _told(now + expiry), time.monotonic() + expiry)


def current() -> Optional[Record]:
    """The maintenance that this host is in, None where it is in none. Raises :class:`OSError` where that may not be read."""
    try:
        with open(FILE, encoding="utf-8") as file:
            return Record(**json.loads(file.readline()[1:]))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        return UNKNOWN


def write(record: Record, lines: Sequence[str]) -> None:
    """Writes the file in one step. Raises :class:`OSError`."""
    os.makedirs(namespace.DIRECTORY, mode=0o700, exist_ok=True)
    content = {"since": record.since, "until": record.until, "deadline": record.deadline, "process": record.process}
    unfinished = FILE + ".unfinished"
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write("!%s\n%s" % (json.dumps(content), "".join("%s\n" % line for line in lines)))
    os.replace(unfinished, FILE)


def as_result() -> Dict[str, Any]:
    """What modules return of the maintenance that this host is in. Raises :class:`OSError` where that may not be read."""
    found = current()
    return {"maintenance": {"since": found.since, "until": found.until} if found else None}


def _told(when: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))
