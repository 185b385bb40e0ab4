# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one has to know of FRR's commands to change a configuration. Pure. Private to this collection.

Sources: the FRR manual (docs.frrouting.org), bgpd/bgp_vty.c and ospfd/ospf_vty.c for what resets a session.
"""

from __future__ import annotations

import re

from .._plan.operation import HITLESS, SESSION

#: Commands that hold one value: writing them again replaces it. The match is what identifies the value.
_SINGLE = re.compile(
    r"(?:"
    r"description|hostname|log (?:syslog|file|stdout|timestamp)|"
    r"bgp route-map delay-timer|"
    r"bgp router-id|bgp cluster-id|bgp graceful-restart (?:restart-time|stalepath-time)|timers bgp|bgp listen limit|"
    r"neighbor \S+ (?:remote-as|description|password|update-source|ebgp-multihop|local-as|advertisement-interval|"
    r"timers connect|timers|bfd profile|interface remote-as|maximum-prefix|allowas-in|weight|"
    r"(?:route-map|prefix-list|filter-list|distribute-list)(?= \S+ (?:in|out)$))|"
    r"maximum-paths ibgp|maximum-paths|rd|vni|"
    r"ospf router-id|timers throttle spf|auto-cost reference-bandwidth|"
    r"ip ospf (?:cost|network|priority|dead-interval|hello-interval|retransmit-interval|transmit-delay|bfd profile)|"
    r"transmit-interval|receive-interval|detect-multiplier|minimum-ttl|echo transmit-interval|"
    r"ip(?:v6)? prefix-list \S+ seq \d+|(?:ip(?:v6)? )?access-list \S+ seq \d+|"
    r"bgp as-path access-list \S+ seq \d+|bgp (?:ext|large-)?community-list \S+ \S+ seq \d+|"
    r"set (?:metric|local-preference|weight|origin|tag|ip next-hop|ipv6 next-hop global|community|extcommunity rt)|"
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

#: Commands of a BFD profile or peer, which know no "no": their default is written instead.
DEFAULTS = {
    "detect-multiplier": "detect-multiplier 3",
    "transmit-interval": "transmit-interval 300",
    "receive-interval": "receive-interval 300",
}

#: Contexts that are removed as a whole by "no"; the others only lose their lines.
_REMOVABLE = re.compile(r"(?:router |route-map |vni \d+$|profile |peer |key chain |key \d)")

_OPENING = re.compile(r"(?:router |route-map |vrf |interface |address-family |bfd$|profile |line vty)")

#: Lines in a BGP neighbour whose change leaves an established session alone.
_HITLESS_NEIGHBOR = re.compile(
    r"neighbor \S+ (?:description|advertisement-interval|timers|bfd|route-map|prefix-list|filter-list|distribute-list|"
    r"send-community|next-hop-self|allowas-in|soft-reconfiguration|maximum-prefix|weight|default-originate|as-override|graceful-shutdown)\b"
)
#: Lines elsewhere whose addition or change resets sessions or takes forwarding state away.
_RESETTING = re.compile(
    r"(?:bgp (?:router-id|cluster-id|confederation|shutdown|reject-as-sets|graceful-restart)|ospf router-id|rd |route-target |"
    r"vni |"
    r"ip ospf (?:area|network|hello-interval|dead-interval|authentication|message-digest-key|mtu-ignore|passive)|"
    r"passive-interface |area \S+ (?:stub|nssa)|capability opaque|shutdown$)"
)
#: Contexts and lines that only define what others use, or that tune without forgetting anything.
_DEFINING = re.compile(
    r"(?:route-map |ip(?:v6)? prefix-list |(?:ip(?:v6)? )?access-list |bgp (?:ext|large-)?community-list |bgp as-path |"
    r"bfd\b|log |zebra |line vty|description|ip ospf (?:cost|bfd|priority)|timers |maximum-paths|"
    r"bgp (?:bestpath|log-neighbor|deterministic)|no bgp |log-adjacency|auto-cost|"
    r"neighbor \S+ (?:bfd|description|advertisement-interval|timers)\b)"
)

#: Top-level contexts in the order in which they are set up: what is referred to comes first. They are taken down in the
#: opposite order; an L3VNI leaves its VRF before the VRF's BGP instance goes, instances before the default one.
_RANKS = (
    re.compile(r"(?:ip(?:v6)? prefix-list |(?:ip(?:v6)? )?access-list |bgp )"),
    re.compile(r"route-map "),
    re.compile(r"bfd$"),
    re.compile(r"vrf "),
    re.compile(r"interface "),
    re.compile(r"router (?!bgp)"),
    re.compile(r"router bgp \d+$"),
    re.compile(r"router bgp \d+ (?:vrf|view) "),
)
VRF_RANK = 3
#: Ranks below this one only define what others refer to.
USERS_RANK = 3

#: Daemons by top-level context; what is not here goes to all of them.
_DAEMONS = {
    "router bgp": "bgpd",
    "router ospf": "ospfd",
    "router ospf6": "ospf6d",
    "router isis": "isisd",
    "bfd": "bfdd",
}
_POLICY = re.compile(
    r"(?:route-map (\S+)|ip(?:v6)? prefix-list (\S+)|bgp (?:ext|large-)?community-list \S+ (\S+)|bgp as-path access-list (\S+))"
)

_MAP_ENTRY = re.compile(r"route-map (\S+) (?:permit|deny) (\d+)$")

#: All that follows these words is secret.
_SECRETS = re.compile(
    r"\b((?:area-|domain-)?password|tcp-md5-auth|"
    r"message-digest-key \d+ md5|authentication(?:-key| string| key-id \d+ hash-algo \S+ key)|"
    r"key-string|md5) .*"
)


def slot(line):
    """What a line sets: lines with the same slot replace each other; None where a context may hold many of a kind."""
    found = _SINGLE.match(line)
    if found is None:
        return None
    direction = line.rsplit(" ", 1)[1] if "-list" in found[0] or "route-map" in found[0] else ""
    return found[0], direction if direction in ("in", "out") else ""


def neighbor(line):
    """The name of the BGP neighbour or peer group that a line speaks of, or None."""
    return line.split(" ", 2)[1] if line.startswith("neighbor ") else None


def definition(name, lines):
    """The line among ``lines`` that brings the neighbour ``name`` into being, or None."""
    for pattern in _DEFINITIONS:
        matcher = re.compile(pattern.format(re.escape(name)))
        for line in lines:
            if matcher.match(line):
                return line
    return None


def is_group(line):
    """Whether a line brings a peer group into being."""
    return line.startswith("neighbor ") and line.endswith(" peer-group")


def removable(context):
    """Whether "no" removes the context with all that is in it."""
    return bool(_REMOVABLE.match(context))


def negated(line):
    """The command that takes a line back."""
    if line.startswith("no "):
        return line[3:]
    command = line.split(" ")[0]
    if command == "description":
        return "no description"  # FRR 10 takes no text here
    return DEFAULTS.get(command, "no " + line)


def opens(path):
    """Whether a line opens a context, even one with nothing in it."""
    if path[-1].startswith("vni "):
        return len(path) > 1 and path[-2].startswith("address-family ")
    return bool(_OPENING.match(path[-1]))


def rank(top):
    """Where a top-level context or line stands in the order of setting up."""
    for number, pattern in enumerate(_RANKS):
        if pattern.match(top):
            return number
    return 0


def policy_name(top):
    """The kind and name of the route-map or list that a top-level line belongs to, or None."""
    policy = _POLICY.match(top)
    return policy[0] if policy else None


def map_entry(top):
    """The name and number of the route-map entry that a top-level line opens, or None."""
    entry = _MAP_ENTRY.match(top)
    return entry and entry.groups()


def addition_disrupts(path):
    """What it disturbs to write a line into a context that exists; for a new context or neighbour: nothing."""
    line = path[-1]
    if neighbor(line) and not _HITLESS_NEIGHBOR.match(line):
        return SESSION
    return SESSION if len(path) > 1 and _RESETTING.match(line) else HITLESS


def removal_disrupts(path):
    """What it disturbs to take a line away."""
    return HITLESS if _DEFINING.match(path[0]) or _DEFINING.match(path[-1]) else SESSION


def daemon(path, shared_policy):
    """The daemon that a line is for, or None for all; ``shared_policy`` names route-maps and lists that others use too."""
    top = path[0]
    policy = _POLICY.match(top)
    if policy:
        return None if shared_policy & set(filter(None, policy.groups())) else "bgpd"
    if top.startswith("interface "):
        return "ospfd" if path[-1].startswith(("ip ospf ", "ospf ")) else None
    return _DAEMONS.get(top if top == "bfd" else " ".join(top.split(" ", 2)[:2]))


def is_of_bgpd_alone(path, shared_policy):
    """Whether a line belongs to a route-map or list that no other daemon uses; see :func:`daemon`."""
    return bool(_POLICY.match(path[0])) and daemon(path, shared_policy) == "bgpd"


def needed_daemons(lines):
    """The daemons that a configuration cannot do without."""
    named = {daemon(path, frozenset()) for path in lines if not _POLICY.match(path[0])}
    return sorted(named - {None})


def policies_elsewhere(lines):
    """Names that occur in contexts of other daemons than bgpd, so that policies of that name concern these too.

    So do the lists that a route-map among them matches.
    """
    words = {
        word
        for path in lines
        if not path[0].startswith("router bgp") and not _POLICY.match(path[0])
        for word in path[-1].split(" ")
    }
    maps = [path for path in lines if len(path) > 1 and path[0].startswith("route-map ") and path[0].split(" ")[1] in words]
    return words.union(*(path[-1].split(" ") for path in maps))


def masked(line):
    """A line with its secrets replaced."""
    return _SECRETS.sub(r"\1 ********", line)
