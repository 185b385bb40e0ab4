# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host had before it was changed, which the kernel does not remember. Private to this collection."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from functools import cached_property
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..._core import namespace
from ..._core.errors import KernelError
from ..model.address import Address
from ..model.kind import State
from ..model.link import Link
from ..model.step import Step
from ..model.sysctl import Sysctl

#: What links have besides their settings that is no mark of ours, and can be changed.
_FIELDS = ("description", "mtu", "mac", "master", "link_local", "up")
#: The first kernel that keeps the protocol of an address (IFA_PROTO), which says whose it is.
MARKS_ADDRESSES = (5, 18)

#: What is remembered of an interface, by name; "" is the host.
Record = Dict[str, Any]
Records = Dict[str, Record]


class Memory:
    """Remembers what interfaces that exist without us, and sysctls, were before we changed them, until they are that again.
    Besides, which links we put into a bridge or VRF, which were there before we made them ours; and, where the kernel does not
    mark addresses, which are ours.

    It is a file for each network namespace and protocol number. It is gone when the machine restarts, as are those settings.
    """

    def __init__(self, protocol: int) -> None:
        self._protocol = protocol
        self._cookie = namespace.cookie()
        self._marks = tuple(map(int, re.findall(r"\d+", os.uname().release)[:2])) >= MARKS_ADDRESSES
        self._kept = ""

    @cached_property
    def _path(self) -> str:
        return namespace.path("%d.json" % self._protocol)

    @cached_property
    def _records(self) -> Records:
        records = self._read()
        self._kept = _text(self._cookie, records)
        return records

    def recall(self, state: State, numbers: Mapping[str, int]) -> None:
        """Adds to a state what is remembered of its links and addresses. ``numbers`` are those of interfaces, by name."""
        for name, record in list(self._records.items()):
            if name and (name not in state["link"] or record["number"] not in (0, numbers[name])):
                del self._records[name]  # it has gone, or another has its name
                continue
            if record["link"]:
                # Nobody else has it yet, and there may be thousands: a copy of each takes longer than all else here.
                state["link"][name].__dict__["found"] = record["link"]
            if record.get("adopted"):
                state["link"][name].__dict__["adopted"] = True
            for address in record["addresses"]:
                if (name, address) in state["address"]:
                    state["address"][name, address] = replace(state["address"][name, address], owned=True)

    def sysctls(self) -> List[Sysctl]:
        """The sysctls that are not as they were, without a value."""
        return [Sysctl(path, "", found=was) for record in self._records.values() for path, was in record["sysctls"].items()]

    def kept(self) -> str:
        """What is remembered, as the file has it: for :meth:`restore`."""
        return self._kept if self._records is not None else ""

    def restore(self, kept: str) -> None:
        """Remembers again what :meth:`kept` returned, once what had been changed since then has been reverted."""
        self._records = json.loads(kept)["interfaces"]
        self._write()

    def foresee(self, steps: Sequence[Step], numbers: Mapping[str, int]) -> None:
        """Remembers what steps are going to change, and writes it down: it is known then, whatever becomes of them."""
        for before, after in _changes(steps):
            if after is None or before == after:
                continue
            if isinstance(after, Sysctl):
                if before is not None:
                    self._of(after.dev, numbers)["sysctls"].setdefault(after.path, before.value)
            elif isinstance(after, Address):
                if after.owned and not self._marks:
                    self._of(after.dev, numbers)["addresses"][after.address] = True
            else:
                adopts = before is not None and after.owned and not before.owned and before.adopted is not False
                found = _found(before, after)
                if found or adopts:
                    record = self._of(after.name, numbers)
                    record["link"] = {**found, **record["link"]}
                    record["adopted"] = bool(record.get("adopted") or adopts)
        self._write()

    def conclude(self, done: Sequence[Step]) -> None:
        """Forgets what is as it was, once steps have been carried out."""
        for before, after in _changes(done) if self._records else ():
            what = after or before
            name = what.name if isinstance(what, Link) else what.dev or ""
            record = self._records.get(name)
            if record is None:
                continue
            if isinstance(what, Sysctl):
                if after is not None and record["sysctls"].get(after.path) == after.value:
                    del record["sysctls"][after.path]
            elif isinstance(what, Address):
                if after is None:
                    record["addresses"].pop(before.address, None)
            elif after is None:
                del self._records[name]
            else:
                kept = {} if before is not None and before.held and not after.held else record["link"]
                record["link"] = {key: value for key, value in kept.items() if getattr(after, key, value) != value}
        for step in done if self._records else ():
            if step.before is None and isinstance(step.after, Link) and step.after.name in self._records:
                self._records[step.after.name]["number"] = 0
        self._write()

    def _of(self, dev: Optional[str], numbers: Mapping[str, int]) -> Record:
        """The record of an interface, or of the host; one that is made, or made anew, has no number yet, and is ours."""
        name = dev or ""
        record = self._records.setdefault(name, {"link": {}, "sysctls": {}, "addresses": {}})
        record["number"] = numbers.get(name, 0)
        return record

    def _read(self) -> Records:
        try:
            with open(self._path) as file:
                kept = json.load(file)
            return kept["interfaces"] if kept["namespace"] == self._cookie else {}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KernelError(
                "%s, which says what this host was before it was changed, cannot be read: %s. Remove it: interfaces and "
                "sysctls that the document no longer lists then stay as they are" % (self._path, error)
            ) from error

    def _write(self) -> None:
        text = _text(self._cookie, self._records)
        if text != self._kept:
            other = self._path + ".new"
            try:
                with open(os.open(other, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                    file.write(text)
                os.replace(other, self._path)
            except OSError as error:
                raise KernelError(
                    "what this host is before it is changed cannot be written to %s: %s" % (self._path, error.strerror)
                ) from error
            self._kept = text


def _text(cookie: int, records: Records) -> str:
    kept = {name: each for name, each in records.items() if any(each[key] for key in each if key != "number")}
    return json.dumps({"namespace": cookie, "interfaces": kept})


def _changes(steps: Sequence[Step]) -> List[Tuple[Any, Any]]:
    """What steps make of each object that is remembered: pairs of what it was before them, and what it is after them."""
    found: dict = {}
    for step in steps:
        what = step.after or step.before
        if isinstance(what, (Link, Sysctl, Address)):
            key = what.key
            found[key] = (found[key][0] if key in found else step.before, step.after)
    return list(found.values())


def _found(before: Any, after: Any) -> Dict[str, Any]:
    """What a step changes of a link, as it was; of one that we made, whether it was in a bridge or VRF."""
    if before is None:
        return {"master": ""} if after.master else {}
    names = ("master",) if before.owned else (*_FIELDS, *after.settings)
    return {name: getattr(before, name) for name in names if getattr(before, name) != getattr(after, name)}
