"""A kind of kernel object that is new to the collection: its two files, and a line in each of the two tables, are all it takes.

It is added to a copy of the code as CONTRIBUTING.md says, and used on a real kernel: labels of addresses (ip-addrlabel(8)).
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from tests.namespaces import ip

pytestmark = pytest.mark.usefixtures("network")

ROOT = pathlib.Path(__file__).parents[2]
MODEL = """
from dataclasses import dataclass
from typing import ClassVar, Optional

from ..._core.disruption import HITLESS
from .kind import Kind, each


@dataclass(frozen=True)
class Label:
    kind: ClassVar[str] = "label"

    dev: str
    prefix: str
    label: Optional[int] = None
    owned: Optional[bool] = None

    @property
    def key(self):
        return (self.dev, self.prefix)

    @property
    def name(self):
        return "%s on %s" % (self.prefix, self.dev)

    def to_output(self):
        return {"dev": self.dev, "prefix": self.prefix, "label": self.label}


def from_params(check):
    label = check.number("label", 0, 4294967294, "a label")
    return Label(check.interface("dev", required=True), check.prefix("prefix", host_bits=False), label, True)


KIND = Kind("label", "label", Label, {"label": HITLESS}, "labels", each(from_params), is_of_link=True, is_marked=False)
"""
CODEC = """
from struct import Struct

from ..model.label import KIND, Label
from .codec import Codec, dumped
from .wire import CREATE, REPLACE, U32, address_bytes, address_text, attribute, attributes, message

NEW, DELETE, GET, ADDRESS, LABEL, AF_INET6 = 72, 73, 74, 1, 2, 10
HEADER = Struct("=BxBxII")


def decode(bodies, host):
    made = {}
    for body in bodies:
        _family, length, number, _sequence = HEADER.unpack_from(body)
        if number in host.names:
            found = attributes(body, HEADER.size, len(body))
            prefix = "%s/%d" % (address_text(found[ADDRESS]), length)
            entry = Label(host.names[number], prefix, U32.unpack(found[LABEL])[0], True)
            made[entry.key] = entry
    return made


def messages(before, after, host):
    entry = after or before
    address, _slash, length = entry.prefix.partition("/")
    body = HEADER.pack(AF_INET6, int(length), host.number(entry.dev), 0) + attribute(ADDRESS, address_bytes(address))
    label = attribute(LABEL, U32.pack(entry.label))
    return [message(NEW, CREATE | REPLACE, body + label) if after else message(DELETE, 0, body + label)]


CODEC = Codec(KIND.group, dumped(KIND.group, [(GET, HEADER.pack(AF_INET6, 0, 0, 0))], decode), messages)
"""
#: Brings the host to the document in its argument, and prints what was done and what is described then.
RUN = """
import json, sys
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.description import described
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import Document
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.kernel import Kernel
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import KernelPlane
kernel = Kernel(remembers=False)
plane, document = KernelPlane(kernel), Document.from_params(json.loads(sys.argv[1]))
plan = plane.plan(document, plane.read(document))
plane.apply(plan)
seen, _unsaid = kernel.read_by_hand({"label"})
done = [(each.kind, each.action, each.reason) for each in plan.operations]
print(json.dumps([done, described(seen, ["labels"], {"interfaces": {}, "veths": {}})[0]["labels"]]))
"""


def with_a_new_kind(directory: pathlib.Path) -> pathlib.Path:
    """A copy of the code of the kernel's plane, and in it the new kind."""
    utils = directory / "ansible_collections/evpn/fabric/plugins/module_utils"
    for package in ("_core", "_kernel"):
        shutil.copytree(ROOT / "plugins/module_utils" / package, utils / package, ignore=shutil.ignore_patterns("__pycache__"))
    kernel = utils / "_kernel"
    (kernel / "model/label.py").write_text(MODEL)
    (kernel / "netlink/labels.py").write_text(CODEC)
    for table, row, added in (
        ("model/kinds.py", "        address.KIND,\n", "        label.KIND,\n"),
        ("netlink/codecs.py", "        addresses.CODEC,\n", "        labels.CODEC,\n"),
    ):
        text = (kernel / table).read_text()
        assert row in text
        name = added.strip().partition(".")[0]
        imported = text.replace("\nfrom .", f"\nfrom . import {name}\nfrom .", 1)
        (kernel / table).write_text(imported.replace(row, row + added))
    return directory


def test_a_new_kind_needs_its_files_and_a_row_in_each_table(tmp_path: pathlib.Path) -> None:
    ip("link add v1 type veth peer name v2")
    place = with_a_new_kind(tmp_path)

    def brought(label: int, **options: object) -> list[object]:
        document = {"labels": [{"dev": "v1", "prefix": "2001:db8::/32", "label": label, **options}]}
        done = subprocess.run(
            [sys.executable, "-c", RUN, json.dumps(document)],
            env={**os.environ, "PYTHONPATH": str(place)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        told: list[object] = json.loads(done.stdout)
        return told

    def shown() -> str:
        done = subprocess.run(["ip", "addrlabel", "list"], capture_output=True, text=True, check=True)
        return " ".join(line for line in done.stdout.splitlines() if "dev v1" in line)

    entry = {"dev": "v1", "prefix": "2001:db8::/32"}
    assert brought(70) == [[["label", "create", "in the document, not on the host"]], [{**entry, "label": 70}]]
    assert shown().split() == ["prefix", "2001:db8::/32", "dev", "v1", "label", "70"]
    assert brought(70) == [[], [{**entry, "label": 70}]]
    assert brought(71) == [[["label", "change", "label 70 -> 71"]], [{**entry, "label": 71}]]
    assert "label 71" in shown()
    assert brought(71, state="absent") == [[["label", "delete", "listed as absent"]], []]
    assert shown() == ""
