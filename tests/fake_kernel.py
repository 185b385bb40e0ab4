"""A kernel of dictionaries behind the protocol of ``_netlink.kernel.Kernel``, for laws and faults.

It knows the consequences that the planner counts on: what goes with a link, what a move into a VRF flushes, what a new
link starts with.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import KernelError
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import Document, empty
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.port import FRESH, Port
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.sysctl import SETS_ALL
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plan.compare import replaced
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plan.loss import (
    ATTACHED,
    after_shocks,
    dying_with,
    shock,
    with_default_vlans,
    without,
    without_addresses,
)

#: What the kernel gives a link that is made without saying more.
FRESH_LINK = {"description": "", "mtu": 1500, "mac": "02:aa:00:00:00:01", "master": "", "link_local": True, "up": False,
              "owned": False, "held": False}  # fmt: skip
FRESH_KIND: dict[str, dict[str, Any]] = {
    "bridge": {"stp": False, "vlan_filtering": False, "ageing": 30000},
    "macvlan": {"mode": "vepa"},
    "vxlan": {
        "local": "",
        "remote": "",
        "group": "",
        "dev": "",
        "dstport": 8472,
        "external": False,
        "vnifilter": False,
    },
}


def completed(link: Any) -> Any:
    """A link with the kernel's values where nothing is specified."""
    defaults = {**FRESH_LINK, **FRESH_KIND.get(link.kind, {})}
    open_fields = [field.name for field in fields(link) if getattr(link, field.name) is None]
    unset: dict[str, Any] = {name: defaults[name] for name in open_fields if name in defaults}
    if link.kind == "bridge" and link.default_vlan is None:
        unset["default_vlan"] = 0 if link.vlan_filtering else 1
    usual = {row.name: row.default for row in link.attributes.values() if row.default is not None}
    own = {field.name for field in fields(link)}
    settings = {name: value for name, value in usual.items() if name not in own}
    return replace(link, **unset, settings={**settings, **link.settings})


class FakeKernel:
    """A host's state; ``refuse_after`` makes the kernel refuse after so many steps that reach it."""

    def __init__(self, state: dict[str, dict[Any, Any]] | None = None, refuse_after: int | None = None):
        self.state = state if state is not None else empty()
        self.refuse_after = refuse_after

    @classmethod
    def holding(cls, params: dict[str, Any], owned: bool = True) -> FakeKernel:
        """A host that has what a document lists, as if ``owned`` by the collection or not."""
        kernel = cls()
        document = Document.from_params(params)
        state = kernel.state
        for name, link in document.present["link"].items():
            mine = {"owned": owned and link.kind != "interface", "held": owned and link.kind == "interface"}
            state["link"][name] = completed(replace(link, **mine))
        for group in ("rule", *ATTACHED):
            state[group] = {key: replaced(made, owned=owned) for key, made in document.present[group].items()}
        state["bridge_vlan"] = {
            key: made._replace(pvid=bool(made.pvid), untagged=bool(made.untagged), vni=made.vni or 0)
            for key, made in state["bridge_vlan"].items()
        }
        for dev, link in state["link"].items():
            if getattr(state["link"].get(link.master), "kind", None) == "bridge":
                wanted = document.present["port"].get(dev, Port(dev))
                state["port"][dev] = Port(dev, {**FRESH, **wanted.settings})
        state["sysctl"] = {path: replace(made, default=made.value) for path, made in document.present["sysctl"].items()}
        return kernel

    def read(self, document: Document) -> dict[str, dict[Any, Any]]:
        state = {group: dict(objects) for group, objects in self.state.items()}
        for group in ATTACHED:
            if group not in document.scope and not (group == "address" and document.purge):
                state[group] = {}
        for path, wanted in document.present["sysctl"].items():
            if path not in state["sysctl"]:
                state["sysctl"][path] = replace(wanted, value="0", default="0")
        return {**state, "remembered": {}}

    def read_rest(self, document: Document, state: dict[str, dict[Any, Any]]) -> dict[str, dict[Any, Any]]:
        return {**state, **{group: {**objects, **state[group]} for group, objects in self.state.items()}}

    def reverted(self, state: dict[str, dict[Any, Any]]) -> None:
        """There is no memory."""

    def perform(self, steps: list[Any], stopped: Any = lambda: None) -> tuple[list[Any], KernelError | None]:
        done: list[Any] = []
        for step in steps:
            if not step.silent:
                if self.refuse_after is not None:
                    if self.refuse_after == 0:
                        self.refuse_after = None
                        return done, KernelError("refused on purpose")
                    self.refuse_after -= 1
                error = self._carry_out(step)
                if error:
                    return done, KernelError(error)
            done.append(step)
        return done, None

    def _carry_out(self, step: Any) -> str | None:
        group = (step.after or step.before).kind
        if group in ("rule", "nd_suppression", "sysctl", "port", *ATTACHED):
            return self._entry(group, step)
        return self._link(step)

    def _entry(self, group: str, step: Any) -> str | None:
        objects = self.state[group]
        if step.after is None:
            if group == "address" and step.before.key in objects:
                self.state.update(without_addresses(self.state, {step.before.key}))
            self.state[group].pop(step.before.key, None)
            return None
        dev = getattr(step.after, "dev", None)
        if dev and dev not in self.state["link"]:
            return f"{group} on {dev}, which does not exist"
        if group == "port" and dev not in objects:
            return f"{dev} is no port"
        objects[step.after.key] = step.after
        if step.after.key in SETS_ALL:
            for path, sysctl in objects.items():
                if sysctl.dev and sysctl.common == SETS_ALL[step.after.key]:
                    objects[path] = replace(sysctl, value=step.after.value)
        return None

    def _link(self, step: Any) -> str | None:
        links = self.state["link"]
        name = (step.after or step.before).name
        if step.after is None:
            if name in links:
                remaining = without(self.state, dying_with({name}, links))
                for slave, link in links.items():
                    if slave in remaining["link"] and link.master == name:
                        self._flush(link, remaining["link"][slave], remaining)
                self.state.update(remaining)
            return None
        before = links.get(name)
        if step.before is None:
            if before is not None and not (step.after.kind == "veth" and not step.after.leads):
                return f"{name} exists"
            for below in (step.after.master, step.after.lower):
                if below and below not in links:
                    return f"{name} needs {below}, which does not exist"
        elif before is None:
            return f"{name} does not exist"
        links[name] = completed(step.after)
        if links[name].kind == "bridge":
            self.state.update(with_default_vlans(self.state, {}, {name: (before, links[name])}))
            links = self.state["link"]
        if before is not None:
            self._flush(before, links[name], self.state)
            if before.master != links[name].master:
                self.state["port"].pop(name, None)
            if before.mtu != links[name].mtu:
                self._limit_above(links[name])
        self._join(name)
        return None

    def _limit_above(self, lower: Any) -> None:
        links = self.state["link"]
        for name, link in links.items():
            if link.kind in ("vlan", "macvlan") and link.lower == lower.name and link.mtu > lower.mtu:
                links[name] = replace(link, mtu=lower.mtu)
                self._limit_above(links[name])

    def _flush(self, before: Any, after: Any, state: dict[str, dict[Any, Any]]) -> None:
        felt = shock(before, before, after, self.state["link"])
        state.update(after_shocks(state, {before.name: felt}))

    def _join(self, name: str) -> None:
        link, ports = self.state["link"][name], self.state["port"]
        master = self.state["link"].get(link.master)
        if master is not None and master.kind == "bridge":
            if name not in ports:
                self.state.update(with_default_vlans(self.state, {name: master.name}, {}))
            ports.setdefault(name, Port(name, FRESH))
        else:
            ports.pop(name, None)
