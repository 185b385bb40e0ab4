# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files with a version and a digest: the document that a host has been brought to, its checkpoint. Pure. Private to this
collection.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Dict, NamedTuple

from .. import _engine
from .._core.errors import FabricError

#: The document that the host keeps.
DOCUMENT_FILE = "%s/document.json" % _engine.DIRECTORY
#: The version of the file. A release refuses one that it would read wrongly.
VERSION = 1
#: What to do about a document that cannot be read.
REMEDY = "Nothing was changed. Run evpn.fabric.site, which writes it anew"


class Confirmed(NamedTuple):
    """``content`` of a document maps planes to their validated options; ``at`` is the time in UTC as ISO 8601 has it."""

    content: Dict[str, Any]
    at: str
    digest: str


def digest(content: Dict[str, Any]) -> str:
    """The digest of a document, in hexadecimal digits."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def written(confirmed: Confirmed) -> str:
    """The text of the file."""
    return json.dumps({"version": VERSION, **confirmed._asdict()}) + "\n"


def read(text: str, path: str, remedy: str = REMEDY) -> Confirmed:
    """What is in the text of the file ``path``.

    Raises :class:`FabricError` for one that is not as it was written, or that another version has written.
    """
    try:
        found = json.loads(text)
        version = found["version"]
        confirmed = Confirmed(found["content"], found["at"], found["digest"])
    except (ValueError, KeyError, TypeError):
        raise FabricError("%s is damaged: it is no document. %s" % (path, remedy)) from None
    if version != VERSION:
        raise FabricError("%s has version %s, and this release reads %d. %s" % (path, version, VERSION, remedy))
    if not isinstance(confirmed.content, dict) or digest(confirmed.content) != confirmed.digest:
        raise FabricError("%s is damaged: its content does not have the digest that it tells. %s" % (path, remedy))
    return confirmed
