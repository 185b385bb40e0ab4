"""50,000 documents that nobody means well: each is applied, or refused with an error for people; no other exception leaves.

Their options are of the types that Ansible's argument spec lets through, their values plausible, or hostile.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError, ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.document import Document
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.link import Link, split_alias
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.kernel import PROTOCOL, Kernel
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import KernelPlane
from ansible_collections.evpn.fabric.plugins.module_utils._module.arguments import DATAPLANE

from tests.engine import plan_of
from tests.fake_kernel import FakeKernel

Params = dict[str, Any]

#: In this many slices, so that one that fails is soon found again.
SLICES, OF_A_SLICE = 10, 5000

#: What people write, by option. Few names, so that objects meet each other.
PLAUSIBLE: dict[str, tuple[Any, ...]] = {
    "name": ("br1", "br2", "vx1", "va", "vb", "eth1", "a"),
    "description": ("web", "to leaf 1"),
    "mtu": (1450, 9000),
    "mac": ("02:00:5e:00:01:01", "02:00:5E:00:01:02"),
    "bridge": ("br1", "br2", ""),
    "vrf": ("a", ""),
    "table": (10, 11),
    "vni": (1, 2),
    "local": ("10.0.0.1", "2001:db8::1"),
    "remote": ("10.0.0.2",),
    "group": ("239.0.0.1",),
    "dev": ("br1", "vx1", "eth1", "va"),
    "link": ("eth1", "va"),
    "via": ("10.9.0.1", "2001:db8::9"),
    "dstport": (4789,),
    "ttl": (0, 64),
    "peer": ("va", "vb"),
    "vlan": (1, 100),
    "address": ("10.0.0.1/24", "2001:db8::1/64"),
    "priority": (1000, 2000),
    "from": ("10.0.0.0/8",),
    "to": ("10.0.0.0/8",),
    "iif": ("br1",),
    "oif": ("br1",),
    "fwmark": ("0x10", "0x10/0xff"),
    "dst": ("10.0.0.5", "10.5.0.0/16", "2001:db8:5::/48"),
    "src_vni": (1, 500),
    "port": (4789,),
    "ip": ("10.0.0.7", "2001:db8::7"),
    "metric": (0, 50),
    "src": ("10.0.0.1",),
    "weight": (1, 2),
    "srcport": ("40000-50000", "7"),
    "ingress_qos_map": ("0:1 5:2", "1:0"),
    "egress_qos_map": ("0:1 4000000000:7",),
    "backup_port": ("eth1", ""),
    "label": ("br1:1", "a"),
    "broadcast": ("10.0.0.255",),
    "ipproto": ("tcp", "47"),
    "sport": ("80", "1-1024"),
    "dport": ("53",),
    "uidrange": ("1000-2000",),
}
#: Numbers of options that have no values of their own here.
NUMBERS = (1, 2, 5)
HOSTILE_STRINGS = (
    *("", " ", "web ", "\n", "\0", "a\nb", "br1\n", "br1\0", "\r\nexit\r\n", "!", "exit", "end", "# x", "; reboot", "$(id)"),
    *("`id`", "%s%n", "{{ lookup('pipe', 'id') }}", "../../etc/passwd", "/", ".", "..", "-", "--", "x [evpn.fabric]"),
    *(
        "[evpn.fabric]",
        "[evpn.fabric port]",
        "x" * 16,
        "x" * 300,
        "x" * 70000,
        "é" * 8,
        "\u202ebr1",
        "\ud800",
        "\udcff",
        "\ufeff",
    ),
    *("🦊", "²", "٣", "1²", "٣-٤", "①", "0", "-1", "1-", "1-2-3", "200-100", "0-0", "1-4094", "1-16777215", "1-99999999"),
    *("4294967296", "9" * 5000, "1e3", "0x", "1_0", "10.0.0.1/²", "10.0.0.1/", "10.0.0.1/33", "/24", "10.0.0.1/-1"),
    *("10.0.0.1/024", "::1/129", "::/0", "0.0.0.0", "fe80::1%eth0", "1.2.3", "256.1.1.1", "01.2.3.4", ":::", "224.0.0.1"),
    *("ff02::1", "::ffff:10.0.0.1", "10.0.0.1\0", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"),
    *("02:00:00:00:00:1", "02:00:00:00:00:0²", "0x/0x", "0/0", "1/²", "default", "all", "lo", "None", "null", "true", "NaN"),
)
HOSTILE_NUMBERS = (
    0,
    -1,
    1,
    67,
    255,
    256,
    4094,
    4095,
    65535,
    65536,
    16777215,
    16777216,
    2**31,
    2**32 - 1,
    2**32,
    2**64,
    10**400,
)
#: `sysctls` is a dictionary of whatever YAML has; keys are too.
SYSCTL_NAMES = ("net.ipv4.ip_forward", "net/ipv4/conf/br1/forwarding", "net.ipv6.conf.all.forwarding", "net/ipv4/conf/../x",
                "net..x", "kernel.panic", 1, None, True, 1.5, *HOSTILE_STRINGS)  # fmt: skip
SYSCTL_VALUES = (1, "0", "1 2 3", None, True, 1.5, ["1"], {"a": 1}, 10**400, *HOSTILE_STRINGS)

HOST: Params = {
    "vrfs": [{"name": "a", "table": 10, "up": True}],
    "bridges": [{"name": "br1", "up": True, "vrf": "a"}, {"name": "br2", "vlan_filtering": True}],
    "vxlans": [{"name": "vx1", "vni": 1, "bridge": "br1", "up": True}],
    "interfaces": [{"name": "eth1", "bridge": "br2"}],
    "addresses": [{"dev": "br1", "address": "10.0.0.1/24"}, {"dev": "br1", "address": "2001:db8::1/64"}],
    "rules": [{"priority": 0, "family": "ipv4", "table": "local"}, {"priority": 32766, "family": "ipv4", "table": "main"}],
}


class Hostile:
    """Makes documents by walking the argument spec."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.ill_will = 0.0

    def document(self) -> Params:
        # From documents that are merely odd to ones in which hardly a value is sound.
        self.ill_will = self.random.choice((0.0, 0.02, 0.1, 0.5))
        some = self.random.sample(sorted(DATAPLANE), self.random.randint(1, 3))
        return {
            option: self._value(option, spec) if option in some else spec.get("default") for option, spec in DATAPLANE.items()
        }

    def _value(self, option: str, spec: Params) -> Any:
        if option == "sysctls":
            pick = self._odd_or
            return {pick(SYSCTL_NAMES[:2], SYSCTL_NAMES): pick(SYSCTL_VALUES[:3], SYSCTL_VALUES) for _time in range(2)}
        if spec["type"] == "dict":
            return self._entry(spec["options"])
        if spec["type"] == "list" and "choices" in spec:
            return self.random.sample(spec["choices"], self.random.randint(0, 2))
        if spec["type"] == "list":
            return [self._entry(spec["options"]) for _time in range(self.random.randint(0, 3))]
        if "choices" in spec:
            return self.random.choice(spec["choices"])
        if spec["type"] == "bool":
            return self.random.random() < 0.5
        hostile = HOSTILE_STRINGS if spec["type"] == "str" else HOSTILE_NUMBERS
        made = self._odd_or(PLAUSIBLE.get(option, NUMBERS), hostile)
        return str(made) if spec["type"] == "str" else made

    def _entry(self, options: Params) -> Params:
        return {
            option: self._value(option, spec)
            if spec.get("required")
            or option in ("vni", "table", "peer", "link", "vlan")
            or self.random.random() < (0.3 if option in PLAUSIBLE else 0.05)
            else spec.get("default")
            for option, spec in options.items()
        }

    def _odd_or(self, plausible: tuple[Any, ...], hostile: tuple[Any, ...]) -> Any:
        return self.random.choice(hostile if self.random.random() < self.ill_will else plausible)


class Encoding(FakeKernel):
    """Makes the real messages of each step, too: what was accepted must also fit what the kernel is told."""

    def __init__(self, state: dict[str, dict[Any, Any]]):
        super().__init__(state)
        self.wire = Kernel.__new__(Kernel)
        self.wire.protocol = PROTOCOL
        self.wire.bridges = set()
        self.wire.number = lambda name: 7  # type: ignore[method-assign]

    def _carry_out(self, step: Any) -> str | None:
        what = step.after or step.before
        if what.kind != "sysctl":
            self.wire.numbers = {}
            self.wire._all_messages([step])
        if isinstance(what, Link):
            read_back = split_alias(what.alias())
            assert read_back == (what.description or "", bool(what.owned), bool(what.held))
        return super()._carry_out(step)


def outcome(params: Params) -> str:
    """What becomes of a document: how it ended."""
    kernel = Encoding(FakeKernel.holding(HOST).state)
    try:
        document = Document.from_params(params)
        made = plan_of(kernel, document)
    except ValidationError:
        return "invalid"
    try:
        KernelPlane(kernel).apply(made)
    except FabricError:
        return "refused"
    assert not plan_of(kernel, document).operations
    return "applied" if made.operations else "nothing to do"


@pytest.mark.parametrize("part", range(SLICES))
def test_a_hostile_document_is_applied_or_refused_with_an_error_for_people(part: int) -> None:
    counts = dict.fromkeys(("invalid", "refused", "applied", "nothing to do"), 0)
    for seed in range(part * OF_A_SLICE, (part + 1) * OF_A_SLICE):
        params = Hostile(seed).document()
        try:
            counts[outcome(params)] += 1
        except Exception as error:
            given = {option: value for option, value in params.items() if value}
            pytest.fail(f"document {seed}: {type(error).__name__}: {str(error)[:500]}\n{str(given)[:3000]}")
    assert counts["invalid"] > OF_A_SLICE / 10 and counts["applied"] > OF_A_SLICE / 20, counts


def given(options: Any) -> Any:
    """Options without those that nobody gave."""
    if isinstance(options, dict):
        return {option: given(value) for option, value in options.items() if value is not None}
    return [given(each) for each in options] if isinstance(options, list) else options


def test_the_argument_spec_lets_these_documents_through() -> None:
    validator = ArgumentSpecValidator(DATAPLANE)
    for seed in range(300):
        params = Hostile(seed).document()
        checked = validator.validate(given(params))
        assert not checked.error_messages
        assert checked.validated_parameters == params
