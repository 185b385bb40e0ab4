"""A model of FRR for the few commands that :mod:`.generated` knows: what each does, and what FRR refuses.

Written from the FRR manual and bgpd/bgp_vty.c. It knows nothing of the code under test.
"""

from __future__ import annotations

import re

Path = tuple[str, ...]

#: Commands of which a context holds one; the match says which.
_ONE_OF_A_KIND = re.compile(
    r"description|bgp router-id|ospf router-id|ip ospf (?:area|cost)|vni|rd|set local-preference|match ip address prefix-list|"
    r"transmit-interval|detect-multiplier|ip prefix-list \S+ seq \d+|"
    r"neighbor \S+ (?:remote-as|description|password|bfd profile|timers connect|interface peer-group|"
    r"(?:route-map|prefix-list) (?=\S+ (in|out)))"
)
_LIST_ENTRY = re.compile(r"(ip prefix-list \S+)( seq \d+)( .*)")
#: Commands that FRR shows only where they are negated.
_ON_BY_DEFAULT = {"bgp ebgp-requires-policy", "bgp default ipv4-unicast"}
#: Values that FRR does not show, and that take the place of a "no" in a BFD profile.
_DEFAULT_VALUES = {"transmit-interval 300", "detect-multiplier 3"}
#: Contexts that vanish when nothing is in them.
_VANISHING = ("interface ", "vrf ", "address-family ", "line vty")
_REMOVED_WHOLE = re.compile(r"router |route-map |bfd$|profile |vni \d+$")


class RefusedError(Exception):
    """FRR would answer a command with an error."""


def kind(line: str) -> str:
    """What a line sets."""
    found = _ONE_OF_A_KIND.match(line)
    return found[0] + (found[1] or "") if found else line


def policies(lines: set[Path]) -> set[str]:
    """The route-maps, lists and BFD profiles that there are."""
    found = set()
    for path in lines:
        words = path[-1].split(" ")
        if len(path) == 1 and words[0] == "route-map":
            found.add(f"route-map {words[1]}")
        elif len(path) == 1 and words[:2] == ["ip", "prefix-list"]:
            found.add(f"prefix-list {words[2]}")
        elif words[0] == "profile":
            found.add(f"profile {words[1]}")
    return found


def references(lines: set[Path]) -> set[str]:
    """The route-maps, lists and BFD profiles that something refers to."""
    matches = (re.search(r"(?:\bneighbor \S+ |match ip address )(?:bfd )?((?:route-map|prefix-list|profile) \S+)", path[-1])
               for path in lines)  # fmt: skip
    return {found[1] for found in matches if found}


class Frr:
    """A running configuration as a set of paths."""

    def __init__(self, lines: set[Path]):
        self.lines = set(lines)

    def shown(self) -> set[Path]:
        """The configuration as FRR shows it: without contexts that have nothing in them."""
        shown = set(self.lines)
        for path in sorted(shown, key=len, reverse=True):
            if path[-1].startswith(_VANISHING) and not any(other[:-1] == path for other in shown):
                shown.remove(path)
        return shown

    def run(self, context: Path, command: str) -> None:
        """Enters a context and runs one command there ("" for none)."""
        for depth in range(1, len(context) + 1):
            self._open(context[:depth])
        if not command:
            return
        if command.startswith("no ") and command[3:] not in _ON_BY_DEFAULT:
            self._remove(context, command[3:])
        elif command in _ON_BY_DEFAULT:
            self._take_away((*context, f"no {command}"))
        else:
            self._set(context, command)

    def _open(self, path: Path) -> None:
        if path in self.lines:
            return
        if len(path) == 1 and path[0].startswith("router bgp "):
            _router, _bgp, number, *vrf = path[0].split(" ")
            for (other,) in [other for other in self.lines if len(other) == 1 and other[0].startswith("router bgp ")]:
                if other.split(" ")[3:] == vrf or (vrf and other.split(" ")[2:] != [number] and len(other.split(" ")) == 3):
                    raise RefusedError(f"{path[0]}: BGP is already running as {other}")
        if path[0].startswith("route-map "):  # the other action of a number that is there: FRR changes it in place
            self.lines = {(self._renamed(path[0], other[0]), *other[1:]) for other in self.lines}
        self.lines.add(path)

    @staticmethod
    def _renamed(new: str, old: str) -> str:
        before, after = old.split(" "), new.split(" ")
        return new if before[0] == "route-map" and (before[1], before[3]) == (after[1], after[3]) else old

    def _set(self, context: Path, command: str) -> None:
        words = command.split(" ")
        if words[0] == "neighbor":
            self._check_neighbor(context, words, command)
        if words[0] == "vni" and context[0].startswith("vrf ") and (context[0], command) not in self.lines:
            others = [path for path in self.lines if path[:-1] == context and path[-1].startswith("vni ")]
            if others:
                raise RefusedError(f"{context[0]}: {others[0][-1]} has to go before {command}")
        entry = _LIST_ENTRY.match(command)
        if entry and any(_LIST_ENTRY.sub(r"\1\3", path[-1]) == entry[1] + entry[3] for path in self.lines):
            return  # FRR 8.4 ignores an entry that the list has, under whatever number
        for path in [path for path in self.lines if path[:-1] == context and kind(path[-1]) == kind(command)]:
            self.lines.remove(path)
        if command not in _DEFAULT_VALUES:
            self.lines.add((*context, command))

    def _check_neighbor(self, context: Path, words: list[str], command: str) -> None:
        defined = {path[1].split(" ")[1] for path in self.lines if path[0] == context[0] and len(path) == 2
                   and re.match(r"neighbor \S+ (?:peer-group|interface|remote-as)", path[1])}  # fmt: skip
        if words[2] not in ("peer-group", "interface", "remote-as") and words[1] not in defined:
            raise RefusedError(f"{command}: specify remote-as or peer-group commands first")
        if "peer-group" in words[2:-1] and (context[0], f"neighbor {words[-1]} peer-group") not in self.lines:
            raise RefusedError(f"{command}: there is no such group")

    def _remove(self, context: Path, line: str) -> None:
        path = (*context, line)
        if _REMOVED_WHOLE.match(line) and not (line.startswith("vni ") and len(context) == 1):
            self._refuse_what_others_need(path)
            self._take_away(path)
            return
        words = line.split(" ")
        if words[0] == "description":
            self._take_away(*(path for path in self.lines if path[:-1] == context and path[-1].startswith("description ")))
            return
        self._take_away(path)
        if words[0] == "neighbor" and len(context) == 1 and words[2] in ("peer-group", "interface", "remote-as"):
            self._without_neighbor(context[0], words[1])
            if words[2:] == ["peer-group"]:
                for member in [path[1].split(" ")[1] for path in self.lines
                               if path[0] == context[0] and path[-1].endswith(f" peer-group {words[1]}")]:  # fmt: skip
                    self._without_neighbor(context[0], member)

    def _refuse_what_others_need(self, path: Path) -> None:
        words = path[0].split(" ")
        if len(path) > 1 or words[:2] != ["router", "bgp"]:
            return
        if len(words) == 3 and any(other[0].startswith(f"{path[0]} vrf ") for other in self.lines):
            raise RefusedError(f"no {path[0]}: dependent VRF instances exist")
        if len(words) == 5 and any(other[0] == f"vrf {words[4]}" and other[-1].startswith("vni ") for other in self.lines):
            raise RefusedError(f"no {path[0]}: please unconfigure its l3vni")

    def _without_neighbor(self, instance: str, name: str) -> None:
        self.lines = {path for path in self.lines if path[0] != instance or not path[-1].startswith(f"neighbor {name} ")}

    def _take_away(self, *gone: Path) -> None:
        if not gone or not all(path in self.lines for path in gone):
            raise RefusedError(f"{gone} is not there")
        self.lines = {path for path in self.lines if not any(path[: len(top)] == top for top in gone)}
