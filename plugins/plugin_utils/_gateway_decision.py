# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which gateways count in a run, and what moves then; or why nothing may move. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import Problem, ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._core.values import VNI_LAST
from ansible_collections.evpn.fabric.plugins.module_utils._gateway import request
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ownership import owners
from ansible_collections.evpn.fabric.plugins.module_utils._gateway.ranges import as_text, read_spans

NOT_LOOKED_AT = "was not looked at", "Run on all gateways, without --limit"


class Decision:
    """One run over the gateways.

    ``document`` is the gateway document of a host (``options``, ``rules``), ``looks`` the result of looking at each gateway by
    name, None for one that was not looked at. ``drain``, ``undrain`` and ``fail`` are names: what the operator decided. A run
    that names gateways takes no other in: one that was drained before stays out.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        looks: Mapping[str, Mapping[str, Any] | None],
        drain: Iterable[str] = (),
        undrain: Iterable[str] = (),
        fail: Iterable[str] = (),
    ):
        self.options: Mapping[str, Any] = document["options"]
        self.rules: Mapping[str, Any] = document["rules"]
        self.looks = looks
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.written = {gateway["name"]: gateway["state"] for gateway in self.options["gateways"]}
        self.named = {*drain, *undrain, *fail}
        self.reachable = [name for name in self.written if _seen(looks.get(name))]
        for word, names in (("drain", drain), ("undrain", undrain), ("failover", fail)):
            self._know(word, names)
        self.states = {name: self._state(name, set(drain), set(undrain), set(fail)) for name in self.written}
        self.gateways = [{**gateway, "state": self.states[gateway["name"]]} for gateway in self.options["gateways"]]
        self.served = self._owned_now()
        self.moves = self._moves()
        self._check_left_alone()

    @property
    def fenced(self) -> list[str]:
        """Gateways that count as failed and cannot be asked to give up what they own."""
        return [name for name, state in self.states.items() if state == "failed" and name not in self.reachable]

    @property
    def left_out(self) -> list[str]:
        """Gateways that take no part, because the module cannot run on them; others own what is theirs."""
        return [name for name in self.written if name not in self.reachable]

    def _know(self, word: str, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.written:
                known = ", ".join(self.written)
                self.problems.append(Problem(word, f"{name!r} is not in the group gateways", f"Write one of {known}"))

    def _state(self, name: str, drain: set[str], undrain: set[str], fail: set[str]) -> str:
        """What a gateway is in this run: active, drained or failed."""
        look, written = self.looks.get(name), self.written[name]
        if name in fail:
            self._check_quorum(name, "is to be replaced")
        if name in fail or (written == "failed" and name not in undrain):
            self._check_dead(name, look)
            return "failed"
        if not look:
            self._wrong(name, *NOT_LOOKED_AT)
        elif written == "drained" and name not in drain | undrain and not _seen(look):
            self.notes.append(f"{name} is drained in the inventory and left alone: {_reason(look)}")
        elif look.get("unreachable"):
            return self._unreachable(name)
        elif not _seen(look):
            message = f"cannot {'hand over' if name in drain else 'serve'}: {_reason(look)}"
            self._wrong(name, message, f"Mend it, or shut it down and run evpn.fabric.failover with gateway={name}")
        elif name in drain:
            return "drained"
        elif name in undrain or written == "active":
            if name not in undrain and self._stays_out(name, look):
                return "drained"
            if not look["sessions"]["established"]:
                message = "has no BGP session up, so nobody would reach it"
                self._wrong(name, message, "Look at `show bgp summary` there, or drain it")
            return "active"
        return str(written)

    def _check_dead(self, name: str, look: Mapping[str, Any] | None) -> None:
        """A gateway that lives, and neither gives up its VNIs nor is shut down, would serve them beside their new owner."""
        if not look:
            self._wrong(name, *NOT_LOOKED_AT)
        elif not look.get("unreachable") and not _seen(look) and not self.rules["fencing"]:
            message = f"is alive, and this run cannot make it give up what it owns: {_reason(look)}"
            self._wrong(name, message, "Shut it down and run this again, write fabric_gateways.fencing, or mend it")

    def _unreachable(self, name: str) -> str:
        if self.rules["quorum"] is None:
            self._wrong(
                name,
                "cannot be reached by Ansible",
                f"If it is dead, run evpn.fabric.failover with gateway={name}; or write fabric_gateways.quorum, so that such a "
                "gateway counts as failed",
            )
        else:
            self._check_quorum(name, "cannot be reached by Ansible")
            self.notes.append(f"{name} cannot be reached and counts as failed: {len(self.reachable)} others can be")
        return "failed"

    def _check_quorum(self, name: str, why: str) -> None:
        quorum = self.rules["quorum"]
        others = [other for other in self.reachable if other != name]
        if quorum is not None and len(others) < quorum:
            message = f"{why}, and only {len(others)} of the other gateways can be reached; fabric_gateways.quorum is {quorum}"
            self._wrong(name, message, "Look from another controller: this one may be cut off")

    def _stays_out(self, name: str, look: Mapping[str, Any]) -> bool:
        """Whether a gateway waits: in maintenance, or while others hold something and it holds nothing."""
        if look.get("maintenance"):
            self.notes.append(
                f"{name} is in maintenance until {look['maintenance']['until']} and owns nothing: run evpn.fabric.maintenance "
                f"with host={name} and state=off to take it in"
            )
            return True
        others = (_seen(self.looks.get(other)) and self.looks[other]["holds"] for other in self.written if other != name)  # type: ignore[index]
        if look["holds"] or not any(others):
            return False
        if self.rules["failback"] == "manual":
            self.notes.append(f"{name} is back and stays out: run evpn.fabric.undrain with gateway={name} to take it in")
            return True
        if self.named:
            self.notes.append(
                f"{name} owns nothing and stays out, for this run is not about it: evpn.fabric.gateways takes it in"
            )
            return True
        age, delay = look["sessions"]["youngest"], self.rules["failback_delay"]
        if age < delay:
            self.notes.append(f"{name} is back and stays out until its sessions are {delay} s old; the youngest is {age} s old")
            return True
        return False

    def _moves(self) -> list[str]:
        """What moves, in words: a line for each pair of gateways."""
        try:
            made = request.read_options({**self.options, "gateways": self.gateways})
        except ValidationError as error:
            remedy = "Take one in with evpn.fabric.undrain, or take fewer out"
            self.problems += [each._replace(remedy=remedy) if each.path == "gateways" else each for each in error.problems]
            return []
        ownership = owners(made)
        moved: dict[tuple[str, str], list[int]] = {}
        for vni in made.vnis:
            now, then = self.served.get(vni, ()), ownership.of_vni(vni)[:1]
            if tuple(now) != tuple(then):
                moved.setdefault((" and ".join(now) or "nobody", "".join(then) or "nobody"), []).append(vni)
        return [f"{now} -> {then}: {len(vnis)} VNIs, {as_text(vnis)}" for (now, then), vnis in sorted(moved.items())]

    def _check_left_alone(self) -> None:
        """What none of the others serves, a gateway that is drained in the inventory and cannot be asked may serve still."""
        unseen = [move for move in self.moves if move.startswith("nobody -> ")] if self.served else []
        for name in self.left_out if unseen else ():
            if self.states[name] == "drained":
                message = f"is drained in the inventory, cannot be asked, and may still serve what no other does ({unseen[0]})"
                self._wrong(name, message, f"Have it answer, or if it is down run evpn.fabric.failover with gateway={name}")

    def _owned_now(self) -> dict[int, list[str]]:
        """VNI -> who serves it at the moment, as far as it can be seen."""
        found: dict[int, list[str]] = {}
        for name in self.reachable:
            look = self.looks[name]
            for span in read_spans([], "", look["owned"], 1, VNI_LAST, "a VNI") if look and look["owned"] else ():
                for vni in range(span.first, span.last + 1):
                    found.setdefault(vni, []).append(name)
        return found

    def _wrong(self, name: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(name, message, remedy))


def _reason(look: Mapping[str, Any]) -> str:
    """Why a look at a gateway failed."""
    return "it cannot be reached by Ansible" if look.get("unreachable") else str(look.get("msg", "it did not answer"))


def _seen(look: Mapping[str, Any] | None) -> bool:
    """Whether a look at a gateway came back with what it owns."""
    return look is not None and "owned" in look
