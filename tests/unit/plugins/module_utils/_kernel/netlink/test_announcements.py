"""Frames that announce an address."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.announcements import frame

MAC = "02:00:00:00:00:01"


def test_a_gratuitous_arp_is_a_reply_to_all() -> None:
    assert frame(MAC, "192.0.2.1").hex() == (
        "ffffffffffff" "020000000001" "0806"
        "0001" "0800" "06" "04" "0002"
        "020000000001" "c0000201"
        "000000000000" "c0000201"
    )  # fmt: skip


def test_an_unsolicited_advertisement_overrides_and_goes_to_all_nodes() -> None:
    made = frame(MAC, "2001:db8::1").hex()
    address = "20010db8000000000000000000000001"
    assert made.startswith("333300000001" "020000000001" "86dd" "60000000" "0020" "3a" "ff" + address)  # fmt: skip
    assert made[76:108] == "ff020000000000000000000000000001"
    assert made[108:112] == "8800"
    assert made[116:] == "a0000000" + address + "0201" "020000000001"  # fmt: skip
    packet = bytes.fromhex(made)[14:]
    words = packet[8:40] + len(packet[40:]).to_bytes(4, "big") + (58).to_bytes(4, "big") + packet[40:]
    total = sum(int.from_bytes(words[at : at + 2], "big") for at in range(0, len(words), 2))
    assert (total & 0xFFFF) + (total >> 16) == 0xFFFF, "a receiver's sum over a packet that is whole is all ones"
