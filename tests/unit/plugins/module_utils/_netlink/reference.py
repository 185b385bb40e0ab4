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
    """A message's body as pyroute2 writes it, without the netlink header; attributes may hold attributes."""
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
    return [(name, {"attrs": _listed(value)} if isinstance(value, dict) else value) for name, value in attributes.items()]


def _tree(found: Any) -> Attributes:
    """Attributes by name; one that holds attributes may have fields of its own, as the peer of a veth has."""
    return {name: {**_fields(value), **_tree(value)} if isinstance(value, dict) else value for name, value in found["attrs"]}


def _fields(found: Any) -> dict[str, Any]:
    return {field[0]: found[field[0]] for field in found.fields if field[0] in found and field[0] != "__align"}
