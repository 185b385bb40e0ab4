# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one has to know of FRR's commands to change a configuration. Pure. Private to this collection.

Sources: the FRR manual (docs.frrouting.org); bgpd/bgp_vty.c and ospfd/ospf_vty.c for what resets a session; lib/plist.c,
lib/routemap_cli.c and staticd/static_vty.c for what a command replaces and what its "no" takes away.
"""

from __future__ import annotations

import ipaddress
import re
from typing import AbstractSet, Dict, Iterable, List, Optional, Set, Tuple

from .._core.operation import HITLESS, SESSION
from .configuration import Configuration, Path

#: Commands that hold one value: writing them again replaces it. The match is what identifies the value. Of other commands the
#: old line is taken away before the new one is written: "no" with the old value takes the new one along where there is one
#: only.
_SINGLE = re.compile(
    r"(?:"
    r"description|hostname|frr defaults|log (?:syslog|stdout)|"
    r"bgp route-map delay-timer|"
    r"bgp router-id|bgp cluster-id|bgp graceful-restart (?:restart-time|stalepath-time)|timers bgp|bgp listen limit|"
    r"neighbor \S+ (?:remote-as|description|password|update-source|ebgp-multihop|local-as|advertisement-interval|"
    r"timers connect|timers|bfd profile|interface remote-as|maximum-prefix|allowas-in|weight|"
    r"(?:route-map|prefix-list|filter-list|distribute-list)(?= \S+ (?:in|out)$))|"
    r"maximum-paths ibgp|maximum-paths|rd|"
    r"ospf router-id|timers throttle spf|auto-cost reference-bandwidth|"
    r"ip ospf (?:cost|network|priority|dead-interval|hello-interval|retransmit-interval|transmit-delay|bfd profile)|"
    r"transmit-interval|receive-interval|detect-multiplier|minimum-ttl|echo transmit-interval|"
    r"ip(?:v6)? prefix-list \S+ (?:seq \d+|description)|(?:ip(?:v6)? )?access-list \S+ (?:seq \d+|remark)|"
    r"bgp as-path access-list \S+ seq \d+|bgp (?:ext|large-)?community-list (?:\S+ )?\S+ seq \d+|"
    r"set (?:metric|local-preference|weight|origin|tag|ip next-hop|ipv6 next-hop global|community|extcommunity rt|"
    r"as-path prepend)|"
    r"match (?:ip address prefix-list|ipv6 address prefix-list|extcommunity|community|interface|evpn vni|evpn route-type|tag)|"
    r"on-match"
    r")(?= |$)"
)

#: Lines that bring a neighbour or a peer group into being, the most telling first.
_DEFINITIONS = (
    r"neighbor {} peer-group$",
    r"neighbor {} interface\b",
    r"neighbor {} remote-as ",
    r"neighbor {} peer-group ",
)

#: Commands that know no "no", or one that means something else than the default: the default is written instead.
_DEFAULTS = {
    re.compile(r"detect-multiplier "): "detect-multiplier 3",
    re.compile(r"transmit-interval "): "transmit-interval 300",
    re.compile(r"receive-interval "): "receive-interval 300",
    re.compile(r"exec-timeout "): "exec-timeout 10 0",
    re.compile(r"(?:no )?service cputime-warning"): "service cputime-warning 5000",
    re.compile(r"(?:no )?service walltime-warning"): "service walltime-warning 5000",
}
#: Commands whose "no" takes no argument, or another one than the line has, in one of the tested releases at least.
_NEGATED_SHORT = re.compile(
    r"description(?= )|set as-path prepend(?= )|on-match goto(?= )|(?:enable )?password(?= )|"
    r"ip(?:v6)? prefix-list \S+ description(?= )"
)

#: Contexts that are removed as a whole by "no".
_REMOVABLE = re.compile(r"(?:router |route-map |vni \d+$|bfd$|profile |peer |key chain |key \d)")
#: Contexts that stay and only lose their lines; "no" refuses, or would take away more than what is configured in them.
_STAYING = re.compile(r"(?:interface |vrf |address-family |line vty)")

_OPENING = re.compile(r"(?:router |route-map |vrf |interface |address-family |bfd$|profile |line vty)")

#: Lines in a BGP neighbour whose change leaves an established session and its routes alone.
_HITLESS_NEIGHBOR = re.compile(
    r"neighbor \S+ (?:description|advertisement-interval|timers|bfd|send-community|next-hop-self|soft-reconfiguration|weight|"
    r"default-originate|graceful-shutdown|allowas-in|as-override)\b"
)
#: Lines elsewhere whose addition resets sessions, or takes routes or forwarding state away.
_RESETTING = re.compile(
    r"(?:bgp (?:router-id|cluster-id|confederation|shutdown|reject-as-sets|graceful-restart)|ospf router-id|rd |route-target |"
    r"vni |"
    r"ip ospf (?:area|network|hello-interval|dead-interval|authentication|message-digest-key|mtu-ignore|passive)|"
    r"passive-interface |area \S+ (?:stub|nssa)|capability opaque|shutdown$|"
    r"aggregate-address |distance |table-map |ip(?:v6)? protocol )"
)
#: Lines that tune without forgetting anything.
_TUNING = re.compile(
    r"(?:log |zebra |line vty|password |enable password |service |description|ip ospf (?:cost|priority)|timers |maximum-paths|"
    r"bgp (?:bestpath|log-neighbor|deterministic|route-map delay-timer|conditional-advertisement)|no bgp |log-adjacency|"
    r"auto-cost|(?:no )?debug |frr defaults |exec-timeout |"
    r"neighbor \S+ (?:description|advertisement-interval|timers)\b)"
)
#: Taking these away disturbs nobody: the session goes on without them.
_HITLESS_REMOVAL = re.compile(r"(?:neighbor \S+ bfd\b|ip ospf bfd|profile )")

#: Top-level contexts in the order in which they are set up: what is referred to comes first. They are taken down in the
#: opposite order; an L3VNI leaves its VRF before the VRF's BGP instance goes, instances before the default one.
_RANKS = (
    re.compile(r"(?:ip(?:v6)? prefix-list |(?:ip(?:v6)? )?access-list |bgp (?!route-map)|key chain |nexthop-group )"),
    re.compile(r"(?:route-map |pbr-map |segment-routing)"),
    re.compile(r"bfd$"),
    re.compile(r"vrf "),
    re.compile(r"interface "),
    re.compile(r"(?!router bgp)"),
    re.compile(r"router bgp \S+(?: as-notation \S+)?$"),
    re.compile(r"router bgp \S+ (?:vrf|view) "),
)
VRF_RANK = 3
#: Ranks below this one only define what others refer to.
USERS_RANK = 3

_INSTANCE = re.compile(r"router bgp \S+(?: (?:vrf|view) (\S+))?")

#: Daemons by top-level context; what is not here goes to all of them.
_DAEMONS = {
    "router bgp": "bgpd",
    "router ospf": "ospfd",
    "router ospf6": "ospf6d",
    "router isis": "isisd",
    "bfd": "bfdd",
}
#: Daemons that lines cannot do without: by the top-level context, and by the line in an interface.
_NEEDED = {
    re.compile(r"router ospf(?: |$)"): "ospfd",
    re.compile(r"router ospf6(?: |$)"): "ospf6d",
    re.compile(r"router bgp "): "bgpd",
    re.compile(r"router isis "): "isisd",
    re.compile(r"router rip(?: |$)"): "ripd",
    re.compile(r"router ripng(?: |$)"): "ripngd",
    re.compile(r"router eigrp "): "eigrpd",
    re.compile(r"router babel$"): "babeld",
    re.compile(r"router openfabric "): "fabricd",
    re.compile(r"router pim(?: |$)|ip (?:pim|msdp|ssmpingd|igmp) "): "pimd",
    re.compile(r"router pim6(?: |$)|ipv6 (?:pim|mld) "): "pim6d",
    re.compile(r"bfd$"): "bfdd",
    re.compile(r"pbr-map "): "pbrd",
    re.compile(r"(?:mpls ldp|l2vpn )"): "ldpd",
    re.compile(r"vrrp default "): "vrrpd",
}
_NEEDED_IN_INTERFACES = {
    re.compile(r"ip ospf "): "ospfd",
    re.compile(r"ipv6 ospf6 "): "ospf6d",
    re.compile(r"(?:isis |ip(?:v6)? router isis )"): "isisd",
    re.compile(r"(?:openfabric |ip(?:v6)? router openfabric )"): "fabricd",
    re.compile(r"ip rip "): "ripd",
    re.compile(r"ipv6 ripng "): "ripngd",
    re.compile(r"ip (?:pim|igmp|mroute)(?: |$)"): "pimd",
    re.compile(r"ipv6 (?:pim|mld)(?: |$)"): "pim6d",
    re.compile(r"ip(?:v6)? nhrp "): "nhrpd",
    re.compile(r"pbr-policy "): "pbrd",
    re.compile(r"vrrp \d"): "vrrpd",
    re.compile(r"babel "): "babeld",
}
_POLICY = re.compile(
    r"(?:route-map (\S+)|ip(?:v6)? prefix-list (\S+)|bgp as-path access-list (\S+)|"
    r"bgp (?:ext|large-)?community-list (?:(?:standard|expanded) )?(\S+))"
)
_LIST_ENTRY = re.compile(
    r"((?:ip(?:v6)? )?(?:prefix|access)-list \S+|bgp as-path access-list \S+|"
    r"bgp (?:ext|large-)?community-list (?:\S+ )?\S+) seq (\d+) (.*)"
)
_MAP_ENTRY = re.compile(r"route-map (\S+) (?:permit|deny) (\d+)$")

#: What this collection writes itself. FRR prints these lines as they are written, knows their "no", and changes them in the
#: order that :mod:`.difference` has (tests/integration/test_frr_config.py, with each tested release). Other lines are tried on
#: a scratch FRR before the host's FRR reads them.
_FAMILIAR = re.compile(
    r"(?:frr defaults traditional|log syslog informational|zebra (?:zapi-packets 1|work-queue 0)|"
    r"bfd|profile [\w-]+|detect-multiplier (?!3$)\d+|(?:transmit|receive)-interval (?!300$)\d+|"
    r"interface \S+|ip ospf (?:area \d+\.\d+\.\d+\.\d+|passive|bfd|bfd profile \S+|network point-to-point|cost \d+)|"
    r"router ospf|ospf router-id \S+|timers throttle spf 0 50 500|"
    r"ipv6 route \S+/128 blackhole|"
    r"bgp as-path access-list \S+ seq \d+ (?:permit|deny) \S+|"
    r"bgp community-list standard \S+ seq \d+ permit \d+:\d+|"
    r"bgp extcommunity-list standard \S+ seq \d+ permit rt \d+:\d+|"
    r"ip prefix-list \S+ seq \d+ permit [\d.]+/\d+(?: le 32)?|ipv6 prefix-list \S+ seq \d+ permit \S+/\d+|"
    r"route-map \S+ (?:permit|deny) \d+|"
    r"match (?:as-path|community|extcommunity|ip address prefix-list|ipv6 address prefix-list|metric|evpn vni) \S+|"
    r"set (?:as-path prepend [\d ]+|community none|community 65534:\d+(?: 65534:65535)?|metric 0|table \d+)|"
    r"bgp route-map delay-timer 1|"
    r"router bgp \d+(?: vrf \S+)?|bgp router-id \S+|no bgp ebgp-requires-policy|no bgp default ipv4-unicast|"
    r"bgp bestpath as-path multipath-relax|timers bgp 3 9|bgp conditional-advertisement timer 5|"
    r"neighbor \S+ (?:peer-group|remote-as (?:\d+|external|internal)|bfd|bfd profile \S+|"
    r"password \S+|timers (?:1 3|3 9|connect 5)|update-source \S+|"
    r"capability extended-nexthop|(?:interface )?peer-group \S+|description .+|activate|route-reflector-client|"
    r"route-map \S+ (?:in|out)|advertise-map \S+ exist-map \S+)|"
    r"address-family (?:ipv4 unicast|ipv6 unicast|l2vpn evpn)|network \S+/(?:32|128)|"
    r"redistribute connected(?: route-map \S+)?|advertise-all-vni|advertise-default-gw|"
    r"vni \d+|rd \S+|route-target (?:import|export) \S+|advertise ipv[46] unicast|vrf \S+)\Z"
)


def is_familiar(path: Path) -> bool:
    """Whether a line is one of those that this collection writes itself."""
    return all(map(_FAMILIAR.match, path)) and all(map(_is_canonical, path[-1].split(" ")))


def are_familiar(lines: Configuration) -> bool:
    """Whether this collection could have written a whole configuration: some lines FRR shows only beside others."""
    return all(map(is_familiar, lines)) and all(_beside(path) in lines for path in lines)


def _beside(path: Path) -> Path:
    """The line that this collection writes beside a line; the line itself where there is none."""
    before, profile, _name = path[-1].partition(" bfd profile ")
    if profile:  # FRR shows both, whichever was written
        return (*path[:-1], before + " bfd")
    if path[1:2] == ("address-family ipv4 unicast",) and path[-1].endswith(" activate"):
        return path[0], "no bgp default ipv4-unicast"  # where it is the default, FRR does not show it
    return path


def _is_canonical(word: str) -> bool:
    """Whether a word is no prefix, or one as FRR prints it."""
    if "/" not in word:
        return True
    try:
        return str(ipaddress.ip_network(word)) == word
    except ValueError:
        return False


def slot(line: str) -> Optional[Tuple[str, str]]:
    """What a line sets: lines with the same slot replace each other; None where a context may hold many of a kind."""
    found = _SINGLE.match(line)
    if found is None:
        return None
    direction = line.rsplit(" ", 1)[1] if "-list" in found[0] or "route-map" in found[0] else ""
    return found[0], direction if direction in ("in", "out") else ""


def neighbor(line: str) -> Optional[str]:
    """The name of the BGP neighbour or peer group that a line speaks of, or None."""
    return line.split(" ", 2)[1] if line.startswith("neighbor ") else None


def definition(name: str, lines: Iterable[str]) -> Optional[str]:
    """The line among ``lines`` that brings the neighbour ``name`` into being, or None."""
    for pattern in _DEFINITIONS:
        matcher = re.compile(pattern.format(re.escape(name)))
        for line in lines:
            if matcher.match(line):
                return line
    return None


def is_group(line: str) -> bool:
    """Whether a line brings a peer group into being."""
    return line.startswith("neighbor ") and line.endswith(" peer-group")


def vrf_of_instance(top: str) -> Optional[str]:
    """The VRF of a BGP instance ("router bgp 65001 vrf red"), or None for the default one and for any other line."""
    found = _INSTANCE.match(top)
    return found[1] if found else None


def removable(context: str) -> Optional[bool]:
    """Whether "no" removes the context with all that is in it; None where that is not known here."""
    if _REMOVABLE.match(context):
        return True
    return False if _STAYING.match(context) else None


def negated(line: str) -> str:
    """The command that negates a line, as far as that is known here."""
    for pattern, default in _DEFAULTS.items():
        if pattern.match(line):
            return default
    if line.startswith("no "):
        return line[3:]
    short = _NEGATED_SHORT.match(line)
    return "no " + (short[0] if short else line)


def negations(line: str) -> List[str]:
    """Every command that may negate a line, the most specific first. Which of them FRR knows depends on its release."""
    words, known = line.split(" "), negated(line)
    if not known.startswith("no "):
        return [known]
    return list(dict.fromkeys([known, *("no " + " ".join(words[:count]) for count in range(len(words), 0, -1))]))


def opens(path: Path) -> bool:
    """Whether a line opens a context, even one with nothing in it."""
    if path[-1].startswith("vni "):
        return len(path) > 1 and path[-2].startswith("address-family ")
    return bool(_OPENING.match(path[-1]))


def rank(top: str) -> int:
    """Where a top-level context or line stands in the order of setting up."""
    return next(number for number, pattern in enumerate(_RANKS) if pattern.match(top))


def policy_name(top: str) -> Optional[str]:
    """The kind and name of the route-map or list that a top-level line belongs to, or None."""
    policy = _POLICY.match(top)
    return policy[0] if policy else None


def map_entry(top: str) -> Optional[Tuple[str, ...]]:
    """The name and number of the route-map entry that a top-level line opens, or None."""
    entry = _MAP_ENTRY.match(top)
    return entry.groups() if entry else None


def list_entry(top: str) -> Optional[Tuple[str, int, str]]:
    """The list that a top-level line is an entry of, the entry's number, and what it says; None for any other line."""
    entry = _LIST_ENTRY.match(top)
    return (entry[1], int(entry[2]), entry[3]) if entry else None


def addition_disrupts(path: Path) -> str:
    """What it disturbs to write a line into a context that exists; for a new context or neighbour: nothing."""
    line = path[-1]
    if neighbor(line):
        return HITLESS if _HITLESS_NEIGHBOR.match(line) else SESSION
    return SESSION if len(path) > 1 and _RESETTING.match(line) else HITLESS


def removal_disrupts(path: Path) -> str:
    """What it disturbs to take a line away."""
    line = path[-1]
    if _TUNING.match(line) or _HITLESS_REMOVAL.match(line) or path[0] == "bfd" or path[0].startswith("line vty"):
        return HITLESS
    return SESSION


def daemon(path: Path) -> Optional[str]:
    """The daemon that a line is for, or None for all; policies are :func:`policy_name`'s."""
    top = path[0]
    if top.startswith("interface "):
        return "ospfd" if path[-1].startswith(("ip ospf ", "ospf ")) else None
    return _DAEMONS.get(top if top == "bfd" else " ".join(top.split(" ", 2)[:2]))


def needed_daemons(lines: Iterable[Path]) -> Dict[str, str]:
    """The daemons that a configuration cannot do without: name -> a line that needs it."""
    needed: dict[str, str] = {}
    for path in lines:
        table, line = (_NEEDED_IN_INTERFACES, path[1]) if path[0].startswith("interface ") and path[1:] else (_NEEDED, path[0])
        for pattern, name in table.items():
            if pattern.match(line):
                needed.setdefault(name, line)
    return needed


def policies_of_bgpd(lines: Iterable[Path]) -> Set[str]:
    """Names of route-maps and lists that bgpd alone uses, directly or by way of others: other daemons do not need them.

    Not those with lines that this collection does not write: bgpd may not know them, as it does not know "set src".
    """
    by_bgpd: set[str] = set()
    by_others: set[str] = set()
    for path in lines:
        if not _POLICY.match(path[0]):
            (by_bgpd if path[0].startswith("router bgp") else by_others).update(path[-1].split(" "))
    strange = {name for path in lines if not is_familiar(path) for name in _policy_names(path[0])}
    return _with_those_they_name(by_bgpd, lines) - _with_those_they_name(by_others, lines) - strange


def _policy_names(top: str) -> Set[str]:
    policy = _POLICY.match(top)
    return set(filter(None, policy.groups())) if policy else set()


def _with_those_they_name(words: Iterable[str], lines: Iterable[Path]) -> Set[str]:
    """Words, and those of the route-maps that they name."""
    contents: Dict[str, Set[str]] = {}
    for path in lines:
        for name in _policy_names(path[0]) if len(path) > 1 else ():
            contents.setdefault(name, set()).update(path[-1].split(" "))
    found, waiting = set(words), [name for name in contents if name in words]
    while waiting:
        new = contents[waiting.pop()] - found
        found |= new
        waiting += [name for name in new if name in contents]
    return found


def is_policy_of(top: str, names: AbstractSet[str]) -> bool:
    """Whether a top-level line belongs to a route-map or list with one of these names."""
    return not names.isdisjoint(_policy_names(top))


def referred_to(lines: Iterable[Path]) -> Set[str]:
    """The words by which lines may refer to policies: all but the first of each line that does not define one itself."""
    return {word for path in lines if len(path) > 1 or not _POLICY.match(path[0]) for word in path[-1].split(" ")[1:]}
