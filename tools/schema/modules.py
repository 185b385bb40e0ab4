"""Documentation of modules: their options, and the operations that they return."""

from __future__ import annotations

import importlib
import pathlib
import re
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._core.operation import DISRUPTIONS
from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import FIRST_RELEASE, Key, Keys

from .blocks import Flow, chunks, laid_out, with_key, written
from .markup import bounds

#: What `ansible-doc` shows before the options; they come behind what is there of it.
BEFORE_OPTIONS = ("module", "description", "author", "extends_documentation_fragment")


def documented(keys: Keys, nested: str = "suboptions") -> dict[str, Any]:
    """Keys as ``options`` of documentation, inner ones below ``nested``.

    Those that are alike are one object, which becomes an anchor.
    """
    known: dict[str, dict[str, Any]] = {}

    def one(key: Key) -> dict[str, Any]:
        if repr(key) in known:
            return known[repr(key)]
        first, *others = (key.description,) if isinstance(key.description, str) else key.description
        if key.type in ("int", "float") and bounds(key):
            first = f"{first} From {bounds(key)}."
        found: dict[str, Any] = {"description": [first, *others] if others else first, "type": key.type}
        if key.elements:
            found["elements"] = key.elements
        if key.required:
            found["required"] = True
        if key.choices:
            found["choices"] = Flow(key.choices)
        if key.default is not None:
            found["default"] = laid_out(key.default)
        if key.aliases:
            found["aliases"] = Flow(key.aliases)
        if key.version_added != FIRST_RELEASE:
            found["version_added"] = key.version_added
        if key.options is not None:
            found[nested] = {name: one(inner) for name, inner in key.options.items()}
        known[repr(key)] = found
        return found

    return {name: one(key) for name, key in keys.items()}


def _operations(each: str, kind: str, name: str, samples: dict[str, Any]) -> dict[str, Any]:
    """The return value ``operations``."""

    def value(of: str, description: str, type_name: str = "str") -> dict[str, Any]:
        return {"description": description, "type": type_name, "sample": samples[of]}

    return {
        "description": [
            f"What was done, or in check mode what would be done, one entry {each}.",
            "Empty if all is as it should be.",
        ],
        "returned": "success",
        "type": "list",
        "elements": "dict",
        "contains": {
            "kind": value("kind", kind),
            "name": value("name", name),
            "action": value("action", "One of C(create), C(change), C(recreate), C(delete)."),
            "disruption": value("disruption", f"One of {', '.join(f'C({word})' for word in DISRUPTIONS)}."),
            "reason": value("reason", "Why, in words."),
            "before": value("before", "The object before; for a change only what differs.", "dict"),
            "after": value("after", "The object afterwards; for a change only what differs.", "dict"),
        },
    }


def _samples(kind: str, name: str, disruption: str, reason: str, before: Any, after: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": name,
        "action": "change",
        "disruption": disruption,
        "reason": reason,
        "before": {"name": name, **before},
        "after": {"name": name, **after},
    }


_LIST = "ip prefix-list evpn-gateway-rank-0"
_PASSWORD = " neighbor fabric password ********"
OPERATIONS = _operations(
    "an object",
    "Kind of the object.",
    "Name of the object.",
    _samples("vxlan", "vxlan10100", "hitless", "mtu 1500 -> 1450", {"mtu": 1500}, {"mtu": 1450}),
)
#: Where objects are of other kinds.
OTHERS = {
    "fabric_host": _operations(
        "an object, the kernel's before FRR's",
        "Kind of the object; C(frr) for a context of FRR's configuration.",
        "Name of the object.",
        _samples("vxlan", "vxlan10100", "hitless", "mtu 1500 -> 1450", {"mtu": 1500}, {"mtu": 1450}),
    ),
    "frr_config": _operations(
        "for each top-level context, file and overlooked address",
        "C(frr), C(frr service), C(frr daemons), C(frr startup file), C(frr unfinished file) or C(frr address).",
        "The top-level context or line, the file, or the address and its interface.",
        _samples("frr", "router bgp 65011", "session", f"differs;{_PASSWORD}", {"lines": []}, {"lines": [_PASSWORD]}),
    ),
    "gateway_failover": _operations(
        "an object, in order",
        "C(frr), C(address), C(vxlan) or C(nd_suppression).",
        "The list, route-map or context of FRR, or the object.",
        _samples(
            "frr",
            _LIST,
            "hitless",
            "3 buckets change their rank",
            {"lines": []},
            {"lines": [f"{_LIST} seq 1 permit 192.0.2.0/32"]},
        ),
    ),
}


def derived(path: pathlib.Path) -> str:
    """The text of a module's file with its documentation as its options and their declarations say it."""
    text = path.read_text()
    module = importlib.import_module(f"ansible_collections.evpn.fabric.plugins.modules.{path.stem}")
    options = getattr(module, "OPTIONS", None)
    if options:
        text = _in_block(text, "DOCUMENTATION", "options", documented(options))
    if "operations" in chunks(_block(text, "RETURN")):
        text = _in_block(text, "RETURN", "operations", OTHERS.get(path.stem, OPERATIONS))
    return text


def _block(text: str, name: str) -> str:
    found = re.search(rf'^{name} = r"""\n(.*?)^"""$', text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def _in_block(text: str, name: str, key: str, value: Any) -> str:
    block = _block(text, name)
    return text.replace(block, with_key(block, key, written({key: value}), after=BEFORE_OPTIONS))
