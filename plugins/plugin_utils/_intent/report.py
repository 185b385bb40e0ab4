# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks as a table for people, as JSON for programs, as JUnit for CI. Pure. Private to this collection."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import some

from .checks import Check

#: What follows from the notes of a kind of check.
_MEANING = {
    "port mtu": "larger packets of tenants are lost without notice: give them the network's MTU",
    "maintenance": "others carry its traffic",
}


def table(results: Mapping[str, Iterable[Check]]) -> list[str]:
    """A line for each host and kind of check, one for each check that failed, and one for the notes of each kind."""
    kinds = list(dict.fromkeys(check.name for checks in results.values() for check in checks))
    width = max((len(host) for host in results), default=4)
    lines = []
    for host, checks in results.items():
        counts = []
        for kind in kinds:
            of_kind = [check for check in checks if check.name == kind]
            if of_kind:
                passed = sum(check.passed for check in of_kind)
                counts.append(f"{kind} {passed}" if passed == len(of_kind) else f"{kind} {passed} of {len(of_kind)}")
        failed = [check for check in checks if not check.passed]
        lines.append(f"{'FAIL' if failed else 'ok  '} {host:{width}}  {', '.join(counts)}")
        lines += [f"       {check.name}: {check.subject}: desired {check.desired}; actual {check.actual}" for check in failed]
        for kind in kinds:
            notes = [check.note for check in checks if check.name == kind and check.note]
            if notes:
                lines.append(f"note {host:{width}}  {kind}: {some(notes)}: {_MEANING[kind]}")
    return lines


def as_json(results: Mapping[str, Iterable[Check]]) -> str:
    """All checks, by host."""
    return json.dumps({host: [check._asdict() for check in checks] for host, checks in results.items()}, indent=2) + "\n"


def junit(results: Mapping[str, Iterable[Check]]) -> str:
    """A test suite for each host, a test case for each check, in the form CI servers read."""
    root = ElementTree.Element("testsuites", name="evpn.fabric verify")
    for host, checks in results.items():
        listed = list(checks)
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=host,
            tests=str(len(listed)),
            failures=str(sum(not check.passed for check in listed)),
        )
        for check in listed:
            case = ElementTree.SubElement(
                suite, "testcase", classname=f"{host}.{check.name.replace(' ', '_')}", name=_for_xml(check.subject)
            )
            if not check.passed:
                ElementTree.SubElement(case, "failure", message=_for_xml(f"desired {check.desired}; actual {check.actual}"))
            if check.note:
                ElementTree.SubElement(case, "system-out").text = _for_xml(check.note)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _for_xml(text: str) -> str:
    """A text with what XML 1.0 cannot carry at all replaced (its section 2.2)."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


def collect(
    results: Mapping[str, Iterable[Mapping[str, Any]] | None], maintenance: Mapping[str, str] = MappingProxyType({})
) -> dict[str, list[Check]]:
    """Checks that went through Ansible's variables, as objects again; a host without any could not be looked at.

    ``maintenance`` says by host until when it is in maintenance.
    """
    unseen = [Check("host", "connection", False, "looked at", "failed or unreachable, see above")]
    found = {host: [Check(**check) for check in checks] if checks is not None else unseen for host, checks in results.items()}
    for host, until in maintenance.items():
        note = f"until {until}"
        found[host] = [*found[host], Check("maintenance", "host", True, "none, or one that ends", note, note)]
    return found
