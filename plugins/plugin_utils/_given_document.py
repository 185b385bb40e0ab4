# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents of hosts as filters are given them. Private to this collection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Union

#: A document, or its JSON text: ansible-core 2.18 makes the former of the latter where a variable has nothing else.
GivenDocument = Union[str, Mapping[str, Any]]


def tree(document: GivenDocument) -> Mapping[str, Any]:
    """The document, whatever form it is given in."""
    return json.loads(document) if isinstance(document, str) else document
