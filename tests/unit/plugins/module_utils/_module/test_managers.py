"""What other managers of the network tell of interfaces."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._module import managers

#: What systemd-networkd 252 writes about interfaces (/run/systemd/netif/links/N).
MANAGED = """# This is private data. Do not parse.
ADMIN_STATE=configuring
OPER_STATE=degraded
CARRIER_STATE=carrier
ADDRESS_STATE=degraded
NETWORK_FILE=/run/systemd/network/10-netplan-all.network
"""
ADDRESSED = MANAGED.replace("ADDRESS_STATE=degraded", "ADDRESS_STATE=routable")
UNMANAGED = "# This is private data. Do not parse.\nADMIN_STATE=unmanaged\nOPER_STATE=routable\nADDRESS_STATE=routable\n"

#: What NetworkManager 1.42 shows (nmcli --terse --escape no --fields ... device show).
DEVICE = """GENERAL.DEVICE:eth1
GENERAL.STATE:{state}
GENERAL.CONNECTION:Wired connection 1
{addresses}
"""


def entry(manager: str, problem: str = "", interface: str = "eth1") -> dict[str, str]:
    return {"interface": interface, "manager": manager, "problem": problem}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (MANAGED, ""),
        (
            ADDRESSED,
            "eth1 has addresses, and systemd-networkd configures it by /run/systemd/network/10-netplan-all.network. "
            "Take it out of that file",
        ),
    ],
    ids=["link-local only", "other addresses"],
)
def test_an_interface_that_networkd_gives_an_address_is_not_just_taken_from_it(text: str, problem: str) -> None:
    found = list(managers.by_networkd({"eth1": text, "eth2": UNMANAGED}))
    assert found == [entry("systemd-networkd", problem)]


@pytest.mark.parametrize(
    ("state", "addresses", "found"),
    [
        ("10 (unmanaged)", "IP4.ADDRESS[1]:192.0.2.1/31", None),
        ("30 (disconnected)", "", ""),
        ("70 (connecting (getting IP configuration))", "IP6.ADDRESS[1]:fe80::1/64", ""),
        ("100 (connected (externally))", "IP4.ADDRESS[1]:192.0.2.1/31", ""),
        ("100 (connected)", "IP6.ADDRESS[1]:fe80::1/64\nIP6.ADDRESS[2]:2001:db8::1/64", "has addresses"),
        ("100 (connected)", "IP4.ADDRESS[1]:192.0.2.1/31", "has addresses"),
    ],
)
def test_an_interface_that_networkmanager_gives_an_address_is_not_just_taken_from_it(
    state: str, addresses: str, found: str | None
) -> None:
    shown = DEVICE.format(state=state, addresses=addresses) + "\nGENERAL.DEVICE:eth2\nGENERAL.STATE:10 (unmanaged)\n"
    entries = list(managers.by_network_manager(shown))
    assert [made["interface"] for made in entries] == ([] if found is None else ["eth1"])
    for made in entries:
        assert found is not None
        assert bool(made["problem"]) == bool(found) and found in made["problem"]
        assert not found or 'the connection "Wired connection 1" of NetworkManager' in made["problem"]


def test_ifupdown2_has_to_be_told_to_leave_addresses_alone_on_each_interface_that_it_knows() -> None:
    shown = """[{"name": "lo", "addr_method": "loopback", "auto": true, "config": {}},
                {"name": "eth1", "auto": true, "config": {"address-purge": "no"}}]"""
    (made,) = managers.by_ifupdown2(shown)
    assert (made["interface"], made["manager"]) == ("lo", "ifupdown2")
    assert "Write `address-purge no` below `iface lo` in /etc/network/interfaces" in made["problem"]
    assert list(managers.by_ifupdown2("")) == []


def test_an_interface_that_ifupdown_has_raised_is_not_the_fabrics_but_lo_is() -> None:
    (made,) = managers.by_ifupdown("lo=lo\neth1=eth1\n")
    assert (made["interface"], made["manager"]) == ("eth1", "ifupdown")
    assert made["problem"].startswith("eth1 has been raised by ifupdown")
