# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of playbooks and roles, which say how to run and not what the fabric is. Private to this collection."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.module_utils._core.operation import DISRUPTIONS
from ansible_collections.evpn.fabric.plugins.module_utils._core.schema import Key, Keys, listed
from ansible_collections.evpn.fabric.plugins.module_utils._module.options.entries import RULE

_SECONDS = Key("int", "Seconds.", minimum=0, maximum=3600, what="a number of seconds")


def _names(*description: str, **more: object) -> Key:
    """Names as a list, or as one text with commas between them."""
    return Key("list", description, elements="str", one=True, **more)  # type: ignore[arg-type]


_MOST = Key(
    "str",
    "The most that may be disturbed; see C(max_disruption) of M(evpn.fabric.dataplane).",
    default=DISRUPTIONS[-1],
    choices=DISRUPTIONS,
)
_OF_THE_FABRIC = _MOST._replace(otherwise="C(fabric_max_disruption)")

#: Variables of several playbooks and roles.
FABRIC = {
    "fabric_max_disruption": _MOST._replace(
        description="The strongest that may be done to a host; see L(quickstart.md,quickstart.md#changing-things-later)."
    ),
    "fabric_boot": Key(
        "bool",
        "Whether C(evpn.fabric.site) has each host keep its document and restore its data plane at boot; see "
        "L(day-2.md,day-2.md#boot).",
        default=True,
        version_added="0.2.0",
    ),
    "fabric_rollout": Key(
        "list",
        "Batches in which C(evpn.fabric.site) changes hosts, each a name of a host or group, or a list of names; see "
        "L(day-2.md,day-2.md#rolling-out).",
        elements="raw",
        otherwise="one spine at a time, then VTEPs, then one gateway at a time",
        version_added="0.2.0",
    ),
    "fabric_confirm_timeout": _SECONDS._replace(
        description="Seconds within which C(evpn.fabric.site) has to reach a host anew that it has changed, and to see its BGP "
        "sessions again; otherwise the host goes back by itself. From 10 on; C(0) turns that off. See "
        "L(day-2.md,day-2.md#commit-confirm).",
        default=60,
        version_added="0.2.0",
    ),
    "fabric_state_directory": Key(
        "str",
        "Directory on the control host with what it has seen and done, one for each fabric: runs, drift and since when it "
        "has been seen, repairs, and the page of C(evpn.fabric.report); see "
        "L(report.md,report.md#what-the-control-host-keeps).",
        otherwise="C(evpn-fabric) in C(XDG_STATE_HOME), or in C(~/.local/state)",
        version_added="0.2.0",
    ),
    "fabric_remove": Key(
        "str",
        "What C(evpn.fabric.remove) removes: V(kept) what hosts keep for their boot, V(all) the whole fabric too; see "
        "L(day-2.md,day-2.md#take-the-fabric-off-a-host).",
        otherwise="required with C(remove)",
        choices=("kept", "all"),
        version_added="0.2.0",
    ),
}
#: Variables of the playbooks `maintenance`, `upgrade`, `drain`, `undrain`, `failover`, `rehearse` and `drift`.
PLAYBOOKS = {
    "drift_report_directory": Key(
        "str",
        "Directory on the control host for C(drift.json), C(drift.xml) (JUnit) and C(drift.prom) (Prometheus). None is written "
        "where this is empty.",
        default="",
        version_added="0.2.0",
    ),
    "drift_webhook_url": Key(
        "str",
        "Where the control host sends the report to, as JSON by POST. It is not sent where this is empty.",
        default="",
        version_added="0.2.0",
    ),
    "drift_fail": Key(
        "bool",
        "Whether C(drift) fails if a host differs or could not be looked at.",
        default=False,
        version_added="0.2.0",
    ),
    "host": _names(
        "Names of hosts to put into maintenance, or to take out of it.",
        otherwise="required with C(maintenance)",
        version_added="0.2.0",
    ),
    "state": Key(
        "str",
        "V(on) puts hosts into maintenance, V(off) takes them out of it.",
        otherwise="required with C(maintenance)",
        choices=("on", "off"),
        version_added="0.2.0",
    ),
    "maintenance_expiry": Key(
        "str",
        "How long maintenance lasts at most; see O(evpn.fabric.maintenance#module:expiry).",
        otherwise="two hours",
        version_added="0.2.0",
    ),
    "maintenance_last": Key(
        "bool",
        "Whether the last spine that carries traffic may be put into maintenance, too.",
        default=False,
        version_added="0.2.0",
    ),
    "maintenance_settle_seconds": _SECONDS._replace(
        description="Seconds in which traffic leaves a host before anything else happens to it.",
        default=5,
        version_added="0.2.0",
    ),
    "upgrade_tasks": Key(
        "str",
        "Path of a file of tasks on the control host, which C(upgrade) runs on one host after the other.",
        otherwise="required with C(upgrade)",
        version_added="0.2.0",
    ),
    "gateway": _names(
        "Names of gateways to drain, to take in or to replace.", otherwise="required with C(drain), C(undrain) and C(failover)"
    ),
    "rehearse_on": Key("str", "The host on which it is rehearsed, which is none of the fabric.", default="localhost"),
    "rehearse_kill": _names("Gateways that die silently, one after the other.", otherwise="all"),
    "rehearse_drain": _names("Gateways that are drained and taken in again, one after the other.", otherwise="the first"),
    "rehearse_standbys": _names(
        "What the others know when one dies: V(cold) ones have no neighbor entries of tenants, V(warm) ones what they "
        "have seen.",
        default=("cold",),
        choices=("cold", "warm"),
    ),
    "rehearse_takeover": _SECONDS._replace(
        type="float",
        description="Seconds after a death until the other gateways run with it as failed, up to three decimals.",
        otherwise="the fabric helps itself",
    ),
    "rehearse_sample": Key(
        "int", "The most VNIs that are watched.", default=16, minimum=1, maximum=4096, what="a number of VNIs"
    ),
    "rehearse_repeat": Key(
        "int", "How often everything is tried.", default=1, minimum=1, maximum=1000, what="a number of trials"
    ),
    "rehearse_time_limit": _SECONDS._replace(
        description="Seconds after which the rehearsal is ended.", default=900, minimum=1, maximum=86400
    ),
}
#: Variables of the playbook `remediate`.
REMEDIATE: Keys = {
    "remediate_max_disruption": _MOST._replace(
        description="The strongest disruption of a repair. A host whose repair disturbs more is left alone.",
        default=DISRUPTIONS[0],
        version_added="0.2.0",
    ),
    "remediate_hosts_at_once": Key(
        "int",
        "The most hosts that are repaired at once; never two spines, nor two gateways.",
        default=1,
        minimum=1,
        maximum=1000,
        what="a number of hosts",
        version_added="0.2.0",
    ),
    "remediate_hosts_per_hour": Key(
        "int",
        "The most hosts that are repaired within an hour, over all runs.",
        default=10,
        minimum=1,
        maximum=100000,
        what="a number of hosts",
        version_added="0.2.0",
    ),
    "remediate_returns": Key(
        "int",
        "How often an object is repaired within C(remediate_window). One that differs again then is reported, and its "
        "host is left alone, as is one whose repair failed as often.",
        default=3,
        minimum=1,
        maximum=1000,
        what="a number of repairs",
        version_added="0.2.0",
    ),
    "remediate_window": Key(
        "int",
        "Hours in which repairs of an object are counted.",
        default=24,
        minimum=1,
        maximum=8760,
        what="a number of hours",
        version_added="0.2.0",
    ),
    "remediate_changed_inventory": Key(
        "bool",
        "Whether a host is repaired, to the document that it keeps, although the inventory derives another one by now.",
        default=False,
        version_added="0.2.0",
    ),
    "remediate_fail": Key(
        "bool", "Whether the run fails where something differs that it has not repaired.", default=False, version_added="0.2.0"
    ),
}
_GATEWAY_DOCUMENT = Key(
    "dict", "The C(gateway) of the host's documents, C(options) of M(evpn.fabric.gateway_failover) and C(rules).", required=True
)
#: Role -> entry point -> its variables.
ROLES: dict[str, dict[str, Keys]] = {
    "dataplane": {
        "main": {
            "dataplane_document": Key(
                "dict",
                "What the module M(evpn.fabric.dataplane) takes, from C(vrfs) to C(purge).",
                required=True,
            ),
            "dataplane_max_disruption": _OF_THE_FABRIC,
        },
    },
    "frr": {
        "main": {
            "frr_document": Key(
                "dict",
                "FRR's part of the host's document, as the filter P(evpn.fabric.fabric_documents#filter) derives it. The "
                "passwords in it appear nowhere but in FRR's own files.",
                required=True,
            ),
            "frr_keep": _names(
                "Beginnings of lines of the host's FRR that stay although the fabric does not write them, such as "
                "V(line vty); see "
                "O(evpn.fabric.frr_config#module:keep).",
                default=(),
            ),
            "frr_max_disruption": _OF_THE_FABRIC,
        },
    },
    "gateway": {
        "main": {
            "gateway_document": _GATEWAY_DOCUMENT,
            "gateway_drain": _names("Gateways that own nothing from this run on.", default=()),
            "gateway_undrain": _names("Gateways that are taken in, whatever the rules for failback say.", default=()),
            "gateway_fail": _names("Gateways that are dead, and are replaced.", default=()),
            # FRR looks at changed lists once a second, and the fabric and the routers outside hear of it then.
            "gateway_settle_seconds": _SECONDS._replace(
                description="Seconds in which routes travel between the phases of a move.", default=3
            ),
            "gateway_max_disruption": _OF_THE_FABRIC,
        },
        "look": {"gateway_document": _GATEWAY_DOCUMENT},
    },
    "host": {
        "main": {
            "host_distributions": _names(
                "Distributions to accept, as C(ID) or C(ID_LIKE) of /etc/os-release names them. Others are refused "
                "before anything "
                "is touched.",
                default=("debian",),
            ),
            "host_packages": _names("Packages to install where FRR is missing.", default=("frr", "python3-pyroute2")),
            "host_frr_minimum": Key("str", "The oldest FRR to accept. IPv6 VTEP addresses need 10.6.", default="8.4"),
            "host_kernel_modules": _names(
                "Kernel modules to load, now and at boot.",
                default=("bridge", "vxlan", "vrf", "8021q"),
                choices=("bridge", "vxlan", "vrf", "8021q"),
            ),
            "host_sysctls": Key(
                "dict",
                "Sysctls of the whole host; what is written replaces the default as a whole.",
                otherwise="forwarding and multipath hashing by ports, IPv4 and IPv6",
                default={
                    "net.ipv4.ip_forward": 1,
                    "net.ipv6.conf.all.forwarding": 1,
                    "net.ipv4.fib_multipath_hash_policy": 1,
                    "net.ipv6.fib_multipath_hash_policy": 1,
                },
            ),
            "host_rules": listed(
                RULE,
                "Routing policy rules of the whole host, as the module M(evpn.fabric.ip_rules) takes them. By default "
                "those that "
                "keep packets of a VRF from falling through to other tables; what is written replaces them as a whole.",
                otherwise="those that keep VRFs apart",
                default=(
                    {"priority": 1000, "family": "ipv4", "l3mdev": True},
                    {"priority": 1000, "family": "ipv6", "l3mdev": True},
                    {"priority": 1001, "family": "ipv4", "l3mdev": True, "action": "unreachable"},
                    {"priority": 1001, "family": "ipv6", "l3mdev": True, "action": "unreachable"},
                    {"priority": 2000, "family": "ipv4", "table": "local"},
                    {"priority": 2000, "family": "ipv6", "table": "local"},
                    {"priority": 0, "family": "ipv4", "table": "local", "state": "absent"},
                    {"priority": 0, "family": "ipv6", "table": "local", "state": "absent"},
                ),
            ),
            "host_fabric_rules": listed(RULE, "Rules besides, which follow from the fabric; those of a gateway.", default=()),
            "host_interfaces": _names(
                "Interfaces that the fabric configures. systemd-networkd and NetworkManager, where installed, are configured "
                "to leave them alone.",
                default=(),
            ),
            "host_max_disruption": _OF_THE_FABRIC,
        },
        "look": {},
    },
    "remediation": {
        "main": {
            "remediation_state": Key(
                "str",
                "V(absent) removes the units and all that they have written.",
                default="present",
                choices=("present", "absent"),
                version_added="0.2.0",
            ),
            "remediation_repair": Key(
                "bool",
                "Whether drift is repaired, by C(evpn.fabric.remediate) and its limits. Otherwise it is only reported.",
                default=False,
                version_added="0.2.0",
            ),
            "remediation_schedule": Key(
                "str",
                "When it runs, as C(OnCalendar) of systemd.timer(5) takes it.",
                default="*:0/15",
                version_added="0.2.0",
            ),
            "remediation_jitter": Key(
                "int",
                "Seconds by which each run is put off at most, by chance.",
                default=120,
                minimum=0,
                maximum=86400,
                what="a number of seconds",
                version_added="0.2.0",
            ),
            "remediation_inventory": Key(
                "str",
                "The inventory on the control host, an absolute path; with C(remediation_pull) its path in the repository.",
                default="/etc/ansible/hosts",
                version_added="0.2.0",
            ),
            "remediation_user": Key(
                "str",
                "The user that it runs as: one whose SSH keys reach the hosts.",
                default="root",
                version_added="0.2.0",
            ),
            "remediation_bin": Key(
                "str", "Where C(ansible-playbook) and C(ansible-pull) are.", default="/usr/bin", version_added="0.2.0"
            ),
            "remediation_pull": Key(
                "str",
                "The address of the git repository that has the inventory. Each node then runs ansible-pull for itself, and no "
                "control host is needed.",
                default="",
                version_added="0.2.0",
            ),
        },
    },
    "verify": {
        "main": {
            "verify_expected": Key(
                "dict",
                "What the host should see, as the filter P(evpn.fabric.fabric_documents#filter) derives it.",
                required=True,
            ),
            "verify_hosts": _names(
                "Hosts that are reported, all of which have to be looked at. All of the play where none is named.",
                default=(),
                version_added="0.2.0",
            ),
            "verify_attempts": Key(
                "int", "How often to look.", default=30, minimum=1, maximum=100000, what="a number of attempts"
            ),
            "verify_delay": _SECONDS._replace(description="Seconds between two looks.", default=2),
            "verify_report_directory": Key(
                "str",
                "Directory on the controller for C(verify.json) and C(verify.xml) (JUnit). Neither is written where "
                "this is empty.",
                default="",
            ),
        },
    },
}
#: All of them by name.
RUN: Keys = {
    **FABRIC,
    **PLAYBOOKS,
    **REMEDIATE,
    **{name: key for role in ROLES.values() for keys in role.values() for name, key in keys.items()},
}
