"""Secrets in FRR's commands, against every command of the FRR manual and of its daemons' sources that takes one."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import secrets
from ansible_collections.evpn.fabric.plugins.module_utils._frr.objects import Lines

S = "s3cret"
#: The commands, by the page of the manual or the source that has them.
COMMANDS = {
    "basic": [f"password {S}", f"password 8 {S}", f"enable password {S}", f"enable password 8 {S}"],
    "bgp": [f"neighbor 10.0.0.1 password {S}", f"neighbor fabric password {S} with blanks", f"neighbor eth1 password {S}"],
    "ospfd": [
        f"ip ospf authentication-key {S}",
        f"ip ospf authentication-key {S} 10.0.0.1",
        f"ospf authentication-key {S}",
        f"ip ospf message-digest-key 1 md5 {S}",
        f"ip ospf message-digest-key 255 md5 {S} 10.0.0.1",
        f"area 0 virtual-link 10.0.0.1 authentication-key {S}",
        f"area 0.0.0.1 virtual-link 10.0.0.1 authentication message-digest message-digest-key 1 md5 {S}",
    ],
    "ospf6d": [
        f"ipv6 ospf6 authentication key-id 1 hash-algo {algo} key {S}" for algo in ("md5", "hmac-sha-256", "hmac-sha-512")
    ],
    "ripd": [f"ip rip authentication string {S}"],
    "keychain": [f"key-string {S}"],
    "isisd": [
        f"area-password clear {S}",
        f"area-password md5 {S} authenticate snp validate",
        f"domain-password clear {S}",
        f"domain-password md5 {S} authenticate snp send-only",
        f"isis password clear {S}",
        f"isis password md5 {S}",
    ],
    "fabricd": [f"openfabric password clear {S}", f"openfabric password md5 {S}", f"domain-password md5 {S}"],
    "nhrpd": [f"ip nhrp authentication {S}", f"ipv6 nhrp authentication {S}"],
    "ldpd": [f"neighbor 10.0.0.1 password {S}"],
    "pimd": [f"msdp peer 10.0.0.1 password {S}", f"ip msdp peer 10.0.0.1 password {S}"],
    "pathd": [f"tcp-md5-auth {S}"],
    "other vendors'": [
        f"snmp-server community {S} ro",
        f"tacacs-server key {S}",
        f"radius-server key 7 {S}",
        f"username admin secret 5 {S}",
        f"username admin password {S}",
    ],
}
LINES = [line for commands in COMMANDS.values() for line in commands]
#: Commands that look like them and hold no secret.
INNOCENT = [
    "neighbor eth1 description password-less",
    "service password-encryption",
    "ip ospf authentication message-digest",
    "ip ospf authentication key-chain K",
    "ip rip authentication mode md5",
    "ip rip authentication key-chain K",
    "ipv6 ospf6 authentication keychain K",
    "ip authentication mode eigrp 1 md5",
    "area 0 authentication message-digest",
    "key chain K",
    "key 1",
    "match community C",
    "set community 65000:1 additive",
    "bgp community-list standard C seq 5 permit 65000:1",
    "debug ospf6 authentication",
    "no neighbor 10.0.0.1 password",
]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("form", ["%s", "no %s", "  %s", "line 7: % Unknown command[25]:  {}", "vrf red / {}"])
def test_every_secret_of_a_command_is_masked(line: str, form: str) -> None:
    masked = secrets.masked(form.replace("%s", line).replace("{}", line))
    assert S not in masked and "with blanks" not in masked
    assert secrets.MASK in masked


@pytest.mark.parametrize("line", LINES)
def test_a_line_that_stands_by_itself_does_not_give_its_secret_away_as_a_name(line: str) -> None:
    lines = Lines(secrets.masked(line), ((line,), ("router bgp 1", line)))
    assert S not in str(lines.to_output()) and S not in lines.name


@pytest.mark.parametrize("line", INNOCENT)
def test_what_is_no_secret_is_shown(line: str) -> None:
    assert secrets.masked(line) == line
    assert secrets.masked_if_mistyped(line) == line


@pytest.mark.parametrize(
    "line",
    [
        f"neighbor 10.0.0.2 pasword {S}",
        f"neighbor 10.0.0.2 passwort {S}",
        f"neighbor 10.0.0.2 passwd {S} more",
        f"neighbour 10.0.0.2 password {S}",
        f"ip ospf authentication-kye {S}",
        f"ip ospf mesage-digest-key 1 md5 {S}",
        f"keystring {S}",
        f"tcp-md5-aut {S}",
    ],
)
def test_a_keyword_that_is_mistyped_hides_what_follows_it(line: str) -> None:
    assert S not in secrets.masked_if_mistyped(line)
    assert secrets.masked_if_mistyped(line).endswith(secrets.MASK)


def test_a_mistyped_line_without_a_secret_is_shown_whole() -> None:
    line = "line 2: % Unknown command[28]:  match ip adress prefix-list wanted"
    assert secrets.masked_if_mistyped(line) == line


def test_secrets_that_frr_repeats_are_replaced_wherever_they_stand() -> None:
    found = secrets.secrets_of([f"neighbor 10.0.0.1 password {S}", "neighbor 10.0.0.1 description x", f"key-string {S}2"])
    assert found == {S, f"{S}2"}
    said = f"% Invalid password {S}\n{S}2 is taken; not{S}"
    assert secrets.without(said, found) == f"% Invalid password {secrets.MASK}\n{secrets.MASK} is taken; not{S}"
