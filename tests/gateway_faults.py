"""Carries a gateway's transaction out again and again on this host, with a fault at each point of it in turn.

It is run on a host of the tests (see :mod:`tests.frr_host`), with what to do on its standard input, and prints what became of
each point. A point is a call that changes the host: a batch for FRR, messages to the kernel, a sysctl, a change of nftables, a
round of announcements.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError, KernelError
from ansible_collections.evpn.fabric.plugins.module_utils._frr import configuration, vtysh
from ansible_collections.evpn.fabric.plugins.module_utils._host import transaction
from ansible_collections.evpn.fabric.plugins.module_utils._host.gateway import host
from ansible_collections.evpn.fabric.plugins.module_utils._kernel import nftables
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import Document, empty
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import announcements, sysctls
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.addresses import GATEWAY_PROTOCOL
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.channel import Channel
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.kernel import Kernel
from ansible_collections.evpn.fabric.plugins.module_utils._module.gateway import desired_from

#: What stands for a vtysh that somebody has stopped, and how long such a one is waited for, in seconds.
STOPPED = ["sh", "-c", "kill -STOP $$", "sh"]
PATIENCE = 1
#: Options of the module that the tests do not give.
DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(("buckets", "pins", "vtep_prefix")),
    "standbys": 1,
    "placement": "rendezvous",
    "allow_none_active": False,
    "phase": "all",
    "route_map": "evpn-gateway",
    "ospf": False,
    "vtep_interface": "lo",
}


def bring(options: dict[str, Any]) -> None:
    kernel = Kernel(GATEWAY_PROTOCOL)
    desired = desired_from({**DEFAULTS, **options})
    transaction.run(lambda: host.prepare(vtysh.Vtysh(), kernel, desired)[1], "daemon", False, 60)
    kernel.close()


def state() -> dict[str, Any]:
    """What gateways have on both planes."""
    kernel = Kernel(GATEWAY_PROTOCOL)
    seen = kernel.read(Document(empty(), empty(), frozenset({"address", "nd_suppression"})))
    kernel.close()
    return {
        "frr": sorted(" / ".join(path) for path in configuration.parse(vtysh.Vtysh().running().text, shown=True)),
        "suppressed": sorted(name for name, made in seen["nd_suppression"].items() if made.suppresses),
        "half suppressed": sorted(name for name, made in seen["nd_suppression"].items() if made.nd != (made.arp_ignore == 8)),
        "addresses": sorted(address for (_dev, address), made in seen["address"].items() if made.owned),
        "locals": sorted((name, link.local) for name, link in seen["link"].items() if link.kind == "vxlan"),
    }


def is_finished(reached: dict[str, Any], old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether a state has all of the new one, and besides nothing but lines of FRR that the old one had.

    A worse rank that a killed run has left beside a better one is without effect, and goes with the last phase.
    """
    lines = set(new["frr"]), set(reached["frr"]), {*new["frr"], *old["frr"]}
    return lines[0] <= lines[1] <= lines[2] and {**reached, "frr": []} == {**new, "frr": []}


class Faults:
    """Lets a fault happen at the ``point``-th call, or at that and all later ones."""

    def __init__(self, fault: str, point: int, lasting: bool):
        self.fault, self.left, self.lasting, self.happened = fault, point, lasting, False
        self.active = False
        transaction.carry_out = self.carrying_out(transaction.carry_out)
        vtysh.Vtysh._read = self.around(vtysh.Vtysh._read, is_vtysh=True)  # type: ignore[method-assign]
        Channel.send = self.around(Channel.send)  # type: ignore[method-assign]
        sysctls.write = self.around(sysctls.write)
        nftables.change = self.around(nftables.change)
        announcements._send = self.around(announcements._send)

    def carrying_out(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any) -> Any:
            self.active = True
            return function(*arguments)

        return wrapped

    def around(self, function: Callable[..., Any], is_vtysh: bool = False) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            if not self.active or (self.fault == "stopped vtysh" and not is_vtysh):
                return function(*arguments, **named)
            self.left -= 1
            if self.left > 0 or (self.left < 0 and not self.lasting):
                return function(*arguments, **named)
            self.happened = True
            if self.fault == "refusal" and not is_vtysh:
                raise KernelError("refused on purpose")
            if self.fault in ("refusal", "stopped vtysh"):
                return self.without_vtysh(function, *arguments, **named)
            made = function(*arguments, **named)
            os.kill(os.getpid(), getattr(signal, self.fault))
            return made

        return wrapped

    def without_vtysh(self, function: Callable[..., Any], made: vtysh.Vtysh, *arguments: Any, **named: Any) -> Any:
        """Calls a method of vtysh while somebody stops it, or while it fails."""
        command, made.command = made.command, STOPPED if self.fault == "stopped vtysh" else ["false"]
        limit, vtysh.TIMEOUT = vtysh.TIMEOUT, PATIENCE
        try:
            return function(made, *arguments, **named)
        finally:
            made.command, vtysh.TIMEOUT = command, limit


def attempted(options: dict[str, Any], fault: str, point: int, lasting: bool) -> tuple[bool, str | None]:
    """Runs in a process of its own: whether the fault happened, and the error; None after success or a death."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        faults = Faults(fault, point, lasting)
        error = None
        try:
            bring(options)
        except FabricError as refusal:
            error = str(refusal)
        os.write(writing, json.dumps([faults.happened, error]).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True, None
    happened, error = json.loads(text)
    return happened, error


def main() -> None:
    given = json.load(sys.stdin)

    def start() -> None:
        for command in given["reset"]:
            subprocess.run(command, check=True)
        for options in given["before"]:
            bring(options)

    last = {**given["moving"], "phase": "all"}
    start()
    old = state()
    bring(given["moving"])
    new = state()
    bring(last)
    settled = state()
    start()
    assert state() == old != new, "the start is not the same each time"
    for point in range(1, 1000, given["step"]):
        happened, error = attempted(given["moving"], given["fault"], point, given["lasting"])
        reached = state()
        outcome = "old" if reached == old else "new" if reached == new else "between"
        if given["fault"] == "SIGKILL":
            bring(given["moving"])
            finished = is_finished(state(), old, new)
            bring(last)
            outcome = "finished" if finished and state() == settled else "not finished"
        print(json.dumps({"point": point, "happened": happened, "error": error, "outcome": outcome}), flush=True)
        if not happened:
            break
        if outcome != "old":
            start()
            assert state() == old, point


main()
