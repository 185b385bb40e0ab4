"""Messages as pyroute2 writes and reads them: what our own encoding is compared with."""

from __future__ import annotations

import struct
from typing import Any

from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg

Attributes = dict[str, Any]

HEADER_SIZE = 16
LINK, ADDRESS = ifinfmsg, ifaddrmsg


def written(kind: Any, attributes: Attributes, **fields: int) -> bytes:
    """A message's body as pyroute2 writes it, without the netlink header.

    Attributes may hold attributes, or fields, whose names are in lower case; a list is an attribute that recurs.
    """
    made = kind()
    for name, value in fields.items():
        made[name] = value
    made["attrs"] = _listed(attributes)
    made.encode()
    return bytes(made.data)[HEADER_SIZE:]


def read(kind: Any, body: bytes) -> dict[str, Any]:
    """A message's body as pyroute2 reads it: its fields, and its attributes under "attrs"."""
    found = kind(struct.pack("=IHHII", HEADER_SIZE + len(body), 0, 0, 0, 0) + body)
    found.decode()
    return {**_fields(found), "attrs": _tree(found)}


def _listed(attributes: Attributes) -> list[tuple[str, Any]]:
    each = ((name, one) for name, value in attributes.items() for one in (value if isinstance(value, list) else [value]))
    return [(name, {"attrs": _listed(one)} if isinstance(one, dict) and not any(map(str.islower, one)) else one)
            for name, one in each]  # fmt: skip


def _tree(found: Any) -> Attributes:
    """Attributes by name; one that holds attributes may have fields of its own, as the peer of a veth has."""
    made: Attributes = {}
    for name, value in found.get("attrs", ()):
        one = {**_fields(value), **_tree(value)} if isinstance(value, dict) else value
        made[name] = [*(made[name] if isinstance(made[name], list) else [made[name]]), one] if name in made else one
    return made


def _fields(found: Any) -> dict[str, Any]:
    return {field[0]: found[field[0]] for field in found.fields if field[0] in found and field[0] != "__align"}
