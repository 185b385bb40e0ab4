# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a host's document, and what tells each from others. Private to this collection.

A host tells these and not the document, which has passwords; the control host compares them with what the inventory derives.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Dict


def digests(content: Dict[str, Any]) -> Dict[str, str]:
    """The digests of the parts of a document: ``frr``, and the sections of the data plane, such as ``kernel.vxlans``.

    What is not specified is no part of it, nor is its ``revision``: options that a later release adds change nothing.
    """
    parts = {"kernel.%s" % section: value for section, value in content.get("kernel", {}).items()}
    parts.update((name, content[name]) for name in content if name not in ("kernel", "revision"))
    return {name: _digest(value) for name, value in sorted(parts.items()) if value is not None}


def _digest(part: Any) -> str:
    text = json.dumps(_specified(part), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _specified(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _specified(each) for key, each in value.items() if each is not None}
    return [_specified(each) for each in value] if isinstance(value, (list, tuple)) else value
