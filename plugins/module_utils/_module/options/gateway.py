# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of gateways. Private to this collection."""

from __future__ import annotations

from ..._core.schema import Key
from ..._gateway.phases import PHASES
from ..._gateway.request import MOST_BUCKETS, MOST_STANDBYS, PLACEMENTS, STATES

#: Who owns what, as the filter `gateway_owners` and the module `gateway_failover` take it.
OWNERSHIP = {
    "gateways": Key(
        "list",
        "The gateways.",
        required=True,
        elements="dict",
        options={
            "name": Key("str", "The name, from which scores follow. Another name is another gateway.", required=True),
            "weight": Key(
                "raw",
                "How much it carries compared with others, from 0.001 to 999999.999, at most three decimals.",
                default=1,
            ),
            "state": Key(
                "str",
                "Only those that are V(active) own or stand by for anything.",
                default=STATES[0],
                choices=STATES,
            ),
            "uids": Key(
                "list",
                (
                    (
                        "Its points on the ring, the numbers that wmgwd was started with (C(-uids)). Required with "
                        "O(placement=ring)."
                    ),
                    "The more of them, the more it carries.",
                ),
                elements="raw",
            ),
        },
    ),
    "self": Key("str", "The gateway that asks; the result then says for what it is the owner, the first standby and so on."),
    "vnis": Key(
        "list", "Numbers and ranges such as C(10000-10999); a text with commas or a list.", required=True, elements="str"
    ),
    "buckets": Key(
        "int",
        "Place this many buckets instead of VNIs; a VNI's bucket follows from its number alone.",
        minimum=1,
        maximum=MOST_BUCKETS,
    ),
    "pins": Key(
        "list",
        "What a gateway is given whatever the scores. While it is not active, scores decide.",
        elements="dict",
        options={
            "vnis": Key(
                "list", "Numbers and ranges, without O(buckets). Of a range, those in O(vnis) are meant.", elements="str"
            ),
            "buckets": Key("list", "Numbers and ranges from 0 on, with O(buckets).", elements="str"),
            "gateway": Key("str", "The name of the gateway.", required=True),
        },
    ),
    "standbys": Key(
        "int",
        "How many gateways stand by. Where there are fewer, rankings are shorter.",
        default=1,
        minimum=0,
        maximum=MOST_STANDBYS,
    ),
    "placement": Key(
        "str",
        (
            "How owners are found.",
            "V(rendezvous) moves only what a gateway that comes or goes gains or loses.",
            (
                "V(bounded) gives no gateway more than its share, rounded up, which balances few buckets best; when one "
                "comes or goes, a few other VNIs move as well."
            ),
            "V(ring) places as wmgwd does, with O(gateways[].uids).",
        ),
        default=PLACEMENTS[0],
        choices=PLACEMENTS,
    ),
    "allow_none_active": Key("bool", "Whether to accept that no gateway is active; nobody owns anything then.", default=False),
}
GATEWAY = {
    **OWNERSHIP,
    "self": Key("str", "Which of the gateways this host is.", required=True),
    "buckets": OWNERSHIP["buckets"]._replace(
        description=(
            "The number of buckets; needed in the mode V(anycast).",
            (
                "In the mode V(exclusive), ownership is by bucket where this is given, and by VNI elsewhere. With "
                "buckets, what is advertised outside can follow their ranks, see O(route_map)."
            ),
        ),
    ),
    "mode": Key(
        "str",
        "How others are kept from what this gateway owns. P(evpn.fabric.gateway_owners#filter) is the same for both.",
        required=True,
        choices=("exclusive", "anycast"),
    ),
    "phase": Key(
        "str",
        (
            (
                "For moves without loss, V(acquire) on all gateways first, which only acquires what a gateway newly owns "
                "or ranks better for; then V(release) on all, which only releases."
            ),
            (
                "In the mode V(exclusive), these two are about the fabric; then V(redirect) on all, which only acquires "
                "the way back."
            ),
            "V(all) does what remains.",
        ),
        default=PHASES[0],
        choices=PHASES,
    ),
    "route_map": Key(
        "str",
        (
            "The route-map in FRR's configuration that makes the difference.",
            (
                "In the mode V(anycast), it has an entry for each rank, which matches the prefix-list C(evpn-gateway-"
                "rank-0) for the owner, C(evpn-gateway-rank-1) for the first standby and so on; connected routes are "
                "redistributed by it."
            ),
            (
                "In the mode V(exclusive), every EVPN neighbor uses it C(out). It has one entry that matches the "
                "extcommunity-list C(evpn-gateway-served); or it is the C(filter-vni) of wmgwd, which gets an entry for "
                "each VNI."
            ),
            (
                "With a better entry that matches C(evpn-gateway-new), type-5 routes of a new owner are preferred from "
                "V(acquire) on. Of type-2 routes to the same MAC address it takes those of the lowest VTEP address, "
                "whatever the route-map."
            ),
            (
                "With O(buckets), where an entry of any route-map matches a community-list C(evpn-gateway-rank-0), "
                "C(evpn-gateway-rank-1) and so on, that list is kept too, with C(65534:N) for bucket N."
            ),
        ),
        default="evpn-gateway",
    ),
    "ospf": Key(
        "bool",
        (
            (
                "In the mode V(exclusive), whether the bridges of served VNIs get the OSPF cost 100 and others 65535, as "
                "wmgwd does. That is a line for each bridge; FRR 8.4 takes half a minute for 4,000."
            ),
            (
                "In the mode V(anycast), whether ranks are OSPF costs instead of lists. Each bucket then has an interface"
                " of its own, see O(vtep_interface), with the cost 1000 for the owner, 1000 more for each standby, 1 for "
                "a gateway that takes the bucket up, and 65535 for others; O(route_map) and prefix-lists are not used."
            ),
        ),
        default=False,
    ),
    "vtep_prefix": Key(
        "str", ("The IPv4 addresses of the buckets, in their order; needed in the mode V(anycast), and only there.")
    ),
    "vtep_interface": Key(
        "str",
        (
            "The interface that carries them, in the mode V(anycast).",
            (
                "With O(ospf), the beginning of the names of the buckets' interfaces, such as V(vtep) for C(vtep0), "
                "C(vtep1) and so on; C(dummy) devices will do. OSPF advertises them, and FRR's configuration gives them "
                "the cost 65535, so that a gateway that restarts is the last choice."
            ),
        ),
        default="lo",
    ),
}
