# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reduces what a webhook has received to names: all else of an event is dropped before a rule sees it.

ansible-rulebook hands the whole event to each playbook as a variable, and Ansible would template what is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

DOCUMENTATION = r"""
---
short_description: Reduces what a webhook has received to names of hosts
description:
  - Takes what Alertmanager sends, and objects with the keys C(alertname) and C(host). Of each alert that fires and names a
    host, an event with these two keys is made; of anything else, none.
  - Both are text of letters, digits, C(.), C(_) and C(-), which begins with a letter or digit. No command, pattern or template
    can be written with these.
options:
  host_label:
    description: The label of an alert that has the name of the host in the inventory.
    type: str
    default: host
"""

#: What the collection takes for the name of a host, and Prometheus, less what templates need, for that of an alert.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")


def main(event: Mapping[str, Any], host_label: str = "host") -> list[dict[str, Any]]:
    """The events that are made of one: a mapping ``fabric`` with ``alertname`` and ``host`` each."""
    return [
        {"fabric": {"alertname": alertname, "host": host}}
        for alertname, host in _alerts(event.get("payload"), host_label)
        if _is_name(alertname) and _is_name(host)
    ]


def _alerts(payload: Any, host_label: str) -> Iterator[tuple[Any, Any]]:
    """Name and host of each alert that fires, as they were sent."""
    if not isinstance(payload, dict):
        return
    alerts = payload.get("alerts")
    if not isinstance(alerts, list):
        yield payload.get("alertname"), payload.get("host")
        return
    for alert in alerts:
        labels = alert.get("labels") if isinstance(alert, dict) and alert.get("status") == "firing" else None
        if isinstance(labels, dict):
            yield labels.get("alertname"), labels.get(host_label)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and _NAME.match(value) is not None
