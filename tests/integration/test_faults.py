"""A run that something goes wrong with, at any point: converged by the next one or undone, and nothing foreign touched."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import FabricError, KernelError, ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._host import guard
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink import channel
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.kernel import Kernel
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.netlink.pyroute2_bridge import enter_namespace
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.plane import KernelPlane, Plan

from tests.engine import bring, document, plan, plan_of, present
from tests.namespaces import ip, link, own_network, show

pytestmark = pytest.mark.usefixtures("network")

KILLED_AFTER = 300
Snapshot = dict[str, Any]

#: What others have, and what an earlier run of ours left: a rule that nobody wants, a VXLAN device that must be made anew.
HOST = (
    "link add theirs address 02:00:00:00:99:01 type bridge",
    "link add vx9 address 02:00:00:00:99:02 mtu 1400 type vxlan id 9 dstport 4789 local 10.0.0.9",
    "link set vx9 master theirs up",
    "link set theirs up",
    "address add 10.99.0.1/24 dev theirs",
    "address add 2001:db8:99::1/64 dev theirs nodad",
    "route add 10.98.0.0/16 via 10.99.0.9 proto static",
    "neigh add 10.99.0.9 dev theirs lladdr 02:00:00:00:99:09 nud permanent",
    "rule add priority 900 table 99",
    "rule add priority 901 table 99 protocol 213",
    "link add vx0 type vxlan id 77 dstport 4789 local 10.0.0.1",
    "link set vx0 alias [evpn.fabric]",
)
#: About 500 objects, of which the first 300 messages reach each phase but the last ones.
FABRIC: dict[str, Any] = {
    "bridges": [{"name": f"br{number}", "mtu": 1450} for number in range(4)],
    "vxlans": [{"name": f"vx{number}", "vni": number + 1, "local": "10.0.0.1", "bridge": f"br{number}", "learning": False,
                "neigh_suppress": True} for number in range(4)],
    "veths": [{"name": f"eth{number}", "peer": f"host{number}"} for number in range(3)],
    "fdb": [{"dev": f"vx{number % 4}", "mac": f"02:00:00:00:00:{number:02x}", "dst": "10.0.0.2"} for number in range(140)],
    "addresses": [{"dev": f"br{number % 4}", "address": f"10.1.{number}.1/24"} for number in range(30)]
    + [{"dev": f"br{number % 4}", "address": f"2001:db8:{number:x}::1/64", "nodad": True} for number in range(20)],
    "routes": [{"dst": f"10.2.{number}.0/24", "via": "10.1.0.9"} for number in range(80)],
    "neighbors": [{"dev": f"br{number % 4}", "ip": f"10.1.{number % 4}.{number}", "mac": "02:00:00:00:01:01"}
                  for number in range(10, 210)],
    "rules": [{"priority": 1000 + number, "table": str(100 + number)} for number in range(5)],
    "sysctls": {"net/ipv4/conf/br0/arp_accept": 1},
    "purge": True,
}  # fmt: skip


#: What ip(8) and bridge(8) show of moments, and numbers that are another's each time.
PASSING = {
    *("ifindex", "link_index", "operstate", "used", "confirmed", "updated", "probes", "refcnt", "gc_timer", "hello_timer"),
    *("tcn_timer", "topology_change_timer", "message_age_timer", "forward_delay_timer", "hold_timer", "tentative"),
    *("topology_change", "topology_change_detected", "config_pending"),
    *("id", "no", "state", "bridge_id", "root_id", "designated_root", "designated_bridge", "designated_port"),
    *("designated_cost", "cost", "qdisc", "promiscuity", "allmulti", "tso_max_size"),
}
#: Flags of links that follow from others, some time later.
CARRIER = ("NO-CARRIER", "LOWER_UP", "M-DOWN", "linkdown")


def lasting(made: Any) -> Any:
    """What was shown, without what passes."""
    if isinstance(made, dict):
        made = {**made, "flags": [flag for flag in made.get("flags", ()) if flag not in CARRIER]}
        return {key: lasting(value) for key, value in sorted(made.items()) if key not in PASSING}
    return [lasting(value) for value in made if value] if isinstance(made, list) else made


def snapshot() -> Snapshot:
    """All that ip(8) and bridge(8) show."""
    commands = (
        ("ip", "link", "show"), ("ip", "-4", "address", "show"), ("ip", "-6", "address", "show", "scope", "global"),
        ("ip", "-4", "rule", "show"), ("ip", "-6", "rule", "show"), ("ip", "neigh", "show", "nud", "permanent"),
        ("ip", "-4", "route", "show", "table", "all"), ("bridge", "fdb", "show"), ("bridge", "link", "show"),
    )  # fmt: skip
    # What a bridge learned, and the addresses that it or its ports listen to, are the kernel's business.
    return {
        " ".join(command): sorted(
            repr(lasting(made)) for made in show(*command) if "fdb" not in command or made["state"] == "static"
        )
        for command in commands
    }


def unlike(before: Snapshot) -> Snapshot:
    """What is shown now and was not in ``before``, and what was and is not."""
    now = snapshot()
    return {
        command: (sorted(set(before[command]) - set(now[command])), sorted(set(now[command]) - set(before[command])))
        for command in before
        if before[command] != now[command]
    }


def foreign() -> list[Any]:
    """What others have, as ip(8) and bridge(8) show it."""
    shown = [
        show("ip", "link", "show", "dev", "vx9"),
        show("ip", "address", "show", "dev", "theirs", "scope", "global"),
        show("ip", "neigh", "show", "dev", "theirs", "nud", "permanent"),
        show("ip", "route", "show", "proto", "static"),
        [rule for rule in show("ip", "rule", "show") if rule["priority"] == 900],
        show("bridge", "fdb", "show", "dev", "vx9"),
    ]
    assert all(shown)
    return lasting(shown)


class Counting(channel.Channel):
    """A channel that does something once so many messages have been sent and answered."""

    def __init__(self, messages: int, then: Callable[[], None]):
        super().__init__()
        self.left: int | None = messages
        self.then = then

    def send(self, messages: Sequence[Any], stopped: Any = lambda: None) -> tuple[list[Any], int]:
        if self.left is None or len(messages) < self.left:
            self.left = self.left and self.left - len(messages)
            return super().send(messages, stopped)
        first, self.left = self.left, None
        refusals, sent = super().send(messages[:first], stopped)
        self.then()
        if refusals or sent == len(messages):
            return refusals, sent
        more, others = super().send(messages[sent:], stopped)
        return [refusal._replace(position=refusal.position + sent) for refusal in more], sent + others


def counting(messages: int, then: Callable[[], None]) -> Kernel:
    kernel = Kernel()
    kernel.close()
    kernel.channel = Counting(messages, then)
    return kernel


def in_child(work: Callable[[], object]) -> int:
    """Runs something in a child process; its wait status."""
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BaseException):
            work()
            status = 0
        os._exit(status)
    return os.waitpid(child, 0)[1]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_run_that_is_killed_after_any_message_is_completed_by_the_next() -> None:
    pytest.importorskip("pyroute2.netlink.rtnl.fibmsg", reason="rules need pyroute2")  # or each child would import it
    theirs = None
    for messages in range(1, KILLED_AFTER + 1):
        with own_network():
            ip(*HOST)
            theirs = theirs or foreign()
            status = in_child(lambda number=messages: bring(counting(number, die), **FABRIC))  # type: ignore[misc]
            assert os.WIFSIGNALED(status), f"not killed after {messages} messages"
            bring(**FABRIC)
            assert plan(**FABRIC) == [], f"killed after {messages} messages"
            assert foreign() == theirs, f"killed after {messages} messages"


def test_a_run_that_is_stopped_by_a_signal_after_any_message_is_undone() -> None:
    ip(*HOST)
    before = snapshot()
    for messages in (1, 6, 7, 20, 40, 60, 180, 200, 250, 290, 400):
        with guard.deferred_signals() as stopped:
            kernel, wanted = counting(messages, lambda: os.kill(os.getpid(), signal.SIGTERM)), document(**FABRIC)
            made = plan_of(kernel, wanted)
            with pytest.raises(FabricError, match="SIGTERM came, so this run was stopped"):
                KernelPlane(kernel).apply(made, stopped)
        assert unlike(before) == {}, f"stopped after {messages} messages"
    bring(**FABRIC)
    assert unlike(before), "otherwise this test shows nothing"


def test_the_table_local_is_looked_up_whenever_a_run_that_moves_it_dies_or_is_stopped() -> None:
    move = [
        {"priority": priority, "family": family, "table": "local", **more}
        for family in ("ipv4", "ipv6")
        for priority, more in ((2000, {}), (0, {"state": "absent"}))
    ]
    back = [{"priority": 0, "family": family, "table": "local"} for family in ("ipv4", "ipv6")]
    for start, rules in (([], move), (move, back)):
        for messages in range(1, 5):
            with own_network():
                if start:
                    bring(rules=start, purge=True)
                before = snapshot()
                assert os.WIFSIGNALED(in_child(lambda: bring(counting(messages, die), rules=rules, purge=True)))  # noqa: B023
                assert answers_itself() == [True, True], f"killed after {messages} messages of {rules}"
                bring(rules=rules, purge=True)
                assert answers_itself() == [True, True]
            with own_network():
                if start:
                    bring(rules=start, purge=True)
                with guard.deferred_signals() as stopped:
                    kernel = counting(messages, lambda: os.kill(os.getpid(), signal.SIGTERM))
                    made = plan_of(kernel, document(rules=rules, purge=True))
                    with pytest.raises(FabricError, match="was reverted"):
                        KernelPlane(kernel).apply(made, stopped)
                assert unlike(before) == {}, f"stopped after {messages} messages of {rules}"


def answers_itself() -> list[bool]:
    """Whether this host answers on its own loopback, in IPv4 and IPv6."""
    return [
        subprocess.run(["ping", "-c", "1", "-W", "1", address], capture_output=True, check=False).returncode == 0
        for address in ("127.0.0.1", "::1")
    ]


def test_what_the_kernel_refuses_at_the_end_leaves_the_host_as_it_was() -> None:
    ip(*HOST)
    bring(**FABRIC)
    before = snapshot()
    changed: dict[str, Any] = {
        **FABRIC,
        "bridges": [{"name": "br0", "up": False}, {"name": "br1", "mtu": 1300}, {"name": "br2"}],
        "vxlans": [{"name": "vx0", "vni": 500, "local": "10.0.0.1"}, {**FABRIC["vxlans"][1], "vni": 501}, FABRIC["vxlans"][2]],
        "veths": FABRIC["veths"][:1],
        "fdb": [entry for entry in FABRIC["fdb"][:100] if entry["dev"] != "vx3"],
        "addresses": [{"dev": "br1", "address": "10.3.0.1/24"}],
        "routes": [{"dst": "10.4.0.0/16", "via": "10.3.0.9"}, {"dst": "10.5.0.0/16", "via": "192.0.2.77"}],
        "neighbors": [entry for entry in FABRIC["neighbors"][:50] if entry["dev"] == "br1"],
    }
    with pytest.raises(KernelError, match=r"refuses to add route 10\.5\.0\.0/16: .*unreachable(.|\n)*was reverted"):
        bring(**changed)
    assert unlike(before) == {}
    bring(**{**changed, "routes": changed["routes"][:1]})
    assert unlike(before), "otherwise this test shows nothing"


def test_ipv6_that_a_small_mtu_takes_away_is_back_when_the_run_fails() -> None:
    bridge: dict[str, Any] = {"name": "br1", "mtu": 1280, "ipv6_link_local": False}
    bring(
        bridges=[bridge],
        addresses=[{"dev": "br1", "address": address, "nodad": True} for address in ("2001:db8::1/64", "2001:db8:1::1/64")],
        routes=[{"dst": "2001:db8:2::/48", "via": "2001:db8::9"}],
        neighbors=[{"dev": "br1", "ip": "2001:db8::9", "mac": "02:00:00:00:00:01"}],
    )
    ip("address add 2001:db8:3::1/64 dev br1 nodad")
    before, routes = snapshot(), lasting(show("ip", "-6", "route", "show", "proto", "213"))
    assert routes
    with pytest.raises(KernelError, match=r"unreachable(.|\n)*was reverted"):
        bring(bridges=[{**bridge, "mtu": 1279}], routes=[{"dst": "10.5.0.0/16", "via": "192.0.2.77"}])
    assert unlike(before) == {}
    assert lasting(show("ip", "-6", "route", "show", "proto", "213")) == routes
    small: dict[str, Any] = {"bridges": [{**bridge, "mtu": 1279}]}
    bring(**small)
    assert plan(**small) == []


def test_what_is_of_ipv6_on_a_link_that_is_too_small_for_it_is_refused_by_name_before_anything_is_done() -> None:
    with pytest.raises(ValidationError) as refused:
        bring(
            bridges=[{"name": "br1", "mtu": 1279, "ipv6_link_local": True}],
            addresses=[{"dev": "br1", "address": "2001:db8::1/64"}, {"dev": "br1", "address": "10.0.0.1/24"}],
            routes=[{"dst": "2001:db8:2::/48", "dev": "br1"}],
            neighbors=[{"dev": "br1", "ip": "2001:db8::9", "mac": "02:00:00:00:00:01"}],
            sysctls={"net/ipv6/conf/br1/accept_dad": 0},
        )
    assert [problem.path for problem in refused.value.problems] == [
        "bridge br1", "address 2001:db8::1/64 on br1", "route 2001:db8:2::/48 metric 1024", "neighbor 2001:db8::9 on br1",
        "sysctl net/ipv6/conf/br1/accept_dad"]  # fmt: skip
    assert link("br1") is None


class Faulty(channel.Channel):
    """A channel with a fault of ours, after so many sends that the kernel has carried out."""

    def __init__(self, sends: int):
        super().__init__()
        self.sends = sends

    def send(self, messages: Sequence[Any], stopped: Any = lambda: None) -> tuple[list[Any], int]:
        answer = super().send(messages, stopped)
        self.sends -= 1
        if self.sends == 0:
            raise MemoryError
        return answer


def test_an_exception_that_nobody_foresaw_ends_the_run_in_undo_wherever_it_is_raised() -> None:
    ip(*HOST)
    before = snapshot()
    for sends in range(1, 12):
        kernel = Kernel()
        kernel.close()
        kernel.channel = Faulty(sends)
        with pytest.raises(KernelError, match=r"MemoryError\(\) .*fault of the collection(.|\n)*was reverted"):
            bring(kernel, **FABRIC)
        assert unlike(before) == {}, f"after {sends} sends"


class Balking(channel.Channel):
    """A channel on which some sends are refused once the kernel has refused one by itself."""

    def __init__(self, *positions: int):
        super().__init__()
        self.positions = positions
        self.sends = -1  # until that refusal

    def send(self, messages: Sequence[Any], stopped: Any = lambda: None) -> tuple[list[Any], int]:
        if self.sends >= 0:
            self.sends += 1
            if self.sends in self.positions:
                return [channel.Refusal(place, errno.EBUSY, "") for place in range(len(messages))], len(messages)
        refusals, sent = super().send(messages, stopped)
        if refusals and self.sends < 0:
            self.sends = 0
        return refusals, sent


@pytest.mark.parametrize("positions", [(1,), (3, 4, 5), (2, 6, 9)], ids=str)
def test_what_steps_backwards_do_not_take_back_is_planned_again_from_what_is_there(positions: tuple[int, ...]) -> None:
    ip(*HOST)
    bring(**FABRIC)
    before = snapshot()
    changed: dict[str, Any] = {
        **FABRIC,
        "bridges": [{"name": "br0", "mtu": 1400}, {"name": "br1", "mac": "02:00:00:00:00:77"}],
        "vxlans": [{**FABRIC["vxlans"][0], "local": "10.0.0.5", "mtu": 1400}, FABRIC["vxlans"][1]],
        "fdb": [entry for entry in FABRIC["fdb"] if entry["dev"] in ("vx0", "vx1")],
        "addresses": [{"dev": "br1", "address": "10.3.0.1/24"}],
        "routes": [{"dst": "10.5.0.0/16", "via": "192.0.2.77"}],
        "neighbors": [entry for entry in FABRIC["neighbors"][:50] if entry["dev"] == "br1"],
    }
    kernel = Kernel()
    kernel.close()
    kernel.channel = Balking(*positions)
    with pytest.raises(KernelError, match=r"refuses to add route 10\.5\.0\.0/16: (.|\n)*was reverted"):
        bring(kernel, **changed)
    assert kernel.channel.sends > max(positions), "otherwise nothing was refused"
    assert unlike(before) == {}


def test_interfaces_that_come_and_go_while_tables_are_read_do_not_matter() -> None:
    wanted: dict[str, Any] = {
        "bridges": [{"name": "br1"}],
        "vxlans": [{"name": "vx1", "vni": 1, "local": "10.0.0.1", "bridge": "br1"}],
        "addresses": [{"dev": "br1", "address": "10.1.0.1/24"}],
        "routes": [{"dst": "10.2.0.0/16", "via": "10.1.0.9"}],
        "neighbors": [{"dev": "br1", "ip": "10.1.0.9", "mac": "02:00:00:00:00:01"}],
        "fdb": [{"dev": "vx1", "mac": "02:00:00:00:00:02", "dst": "10.0.0.2"}],
        "purge": True,
    }
    bring(**wanted)
    cycles = [
        (
            f"link add c{turn} type veth peer name d{turn}", f"link set c{turn} up", f"link set d{turn} up",
            f"address add 10.3.0.1/24 dev c{turn}", f"address add 2001:db8:3::1/64 dev c{turn} nodad",
            "route add 10.4.0.0/16 via 10.3.0.9",
            f"neigh add 10.3.0.9 lladdr 02:00:00:00:00:03 dev c{turn} nud permanent", f"link del c{turn}",
        )
        for turn in range(100)
    ]  # fmt: skip
    with subprocess.Popen(["ip", "-batch", "-"], stdin=subprocess.PIPE, text=True) as churn:
        assert churn.stdin
        churn.stdin.write("\n".join(line for cycle in cycles for line in cycle) + "\n")
        churn.stdin.close()
        reads = 0
        while churn.poll() is None:
            assert plan(**wanted) == []
            assert whole_state(wanted)["link"]["br1"].owned
            present()
            reads += 1
    assert churn.returncode == 0
    assert reads > 20, "otherwise hardly anything went on meanwhile"


def whole_state(options: dict[str, Any]) -> dict[str, dict[Any, Any]]:
    kernel, desired = Kernel(), document(**options)
    return kernel.read_rest(desired, kernel.read(desired))


def test_of_two_runs_at_once_the_second_waits_and_finds_all_done() -> None:
    def first() -> None:
        with guard.lock(0):
            os.write(ready[1], b"!")
            bring(counting(100, lambda: time.sleep(0.5)), **FABRIC)

    ready = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            first()
            os._exit(0)
        os._exit(1)
    os.read(ready[0], 1)
    with pytest.raises(FabricError, match=rf"another run is at work .*process {child}\).*lock_timeout"), guard.lock(0):
        pytest.fail("two runs at once")
    with guard.lock(30):
        assert plan(**FABRIC) == []
    assert os.waitpid(child, 0)[1] == 0


def planned(**options: Any) -> tuple[KernelPlane, Plan]:
    """A plane and a plan: what comes afterwards happens between reading and writing."""
    kernel = Kernel()
    return KernelPlane(kernel), plan_of(kernel, document(**options))


def test_an_interface_that_disappears_between_reading_and_writing() -> None:
    ip(*HOST, "link add eth9 type veth peer name far9")
    before = snapshot()
    ip("link add eth8 type veth peer name far8")
    desired: dict[str, Any] = {"bridges": [{"name": "br1"}], "interfaces": [{"name": "eth8", "bridge": "br1"}]}
    plane, prepared = planned(**desired, addresses=[{"dev": "eth8", "address": "10.8.0.1/24"}])
    ip("link del eth8")
    with pytest.raises(KernelError, match="refuses to change veth eth8: No such device"):
        plane.apply(prepared)
    assert unlike(before) == {}


def test_an_interface_that_appears_between_reading_and_writing_is_not_taken_over() -> None:
    plane, prepared = planned(bridges=[{"name": "br1", "mtu": 1400}, {"name": "br2"}], purge=True)
    ip("link add br1 address 02:00:00:00:99:01 type bridge", "link set br1 alias theirs")
    before = snapshot()
    with pytest.raises(KernelError, match=r"refuses to add bridge br1: .*File exists"):
        plane.apply(prepared)
    assert unlike(before) == {}


def test_an_interface_that_goes_by_itself_is_no_error() -> None:
    bring(bridges=[{"name": "br1"}, {"name": "br2"}])
    plane, prepared = planned(bridges=[], purge=True)
    ip("link del br1")
    plane.apply(prepared)
    assert [entry["ifname"] for entry in show("ip", "link", "show")] == ["lo"]


def test_something_that_is_changed_meanwhile_is_told_and_the_run_is_undone() -> None:
    ip(*HOST)
    before = snapshot()
    with pytest.raises(FabricError, match=r"something else on this host changes them:\n  bridge br0: mtu 1300 -> 1450\n"):
        bring(counting(400, lambda: ip("link set br0 mtu 1300")), **FABRIC)
    assert unlike(before) == {}


@pytest.mark.parametrize("kind", ["veth peer name far1", "vxlan id 5 dstport 4789", "bridge"])
def test_a_name_that_another_kind_of_device_has_is_refused_before_anything_is_done(kind: str) -> None:
    ip(f"link add x1 type {kind}")
    before = snapshot()
    options: dict[str, Any] = {"bridges": [{"name": "br1"}]}
    options["bridges" if "vxlan" in kind else "vxlans"] = [{"name": "br1"}, {"name": "x1"}] if "vxlan" in kind else [
        {"name": "x1", "vni": 1}]  # fmt: skip
    with pytest.raises(ValidationError) as refused:
        bring(**options)
    (problem,) = refused.value.problems
    assert problem.message == f"the name is taken by a {kind.split()[0]} device"
    assert "ip link del x1" in problem.remedy
    assert unlike(before) == {}


class Disturbed:
    """A socket whose answers pass through ``change``."""

    def __init__(self, real: socket.socket, change: Callable[[bytes], bytes]):
        self.real = real
        self.change = change

    def recv(self, size: int) -> bytes:
        return self.change(self.real.recv(size))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def disturbed(change: Callable[[bytes], bytes]) -> Kernel:
    kernel = Kernel()
    kernel.channel.socket = Disturbed(kernel.channel.socket, change)  # type: ignore[assignment]
    return kernel


def interrupting(times: int, kind: int) -> Callable[[bytes], bytes]:
    """Marks the first part of so many dumps of one kind of object as interrupted."""
    left = times

    def change(data: bytes) -> bytes:
        nonlocal left
        length, found, flags, *rest = struct.unpack_from("=IHHII", data)
        if found == kind and left:
            left -= 1
            return struct.pack("=IHHII", length, found, flags | 0x10, *rest) + data[16:]
        return data

    return change


#: What answers dumps: RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE, RTM_NEWNEIGH (forwarding entries and neighbors).
DUMPED = {"links": 16, "addresses": 20, "routes": 24, "entries": 28}


@pytest.mark.parametrize("kind", DUMPED)
def test_a_dump_that_is_interrupted_is_read_again(kind: str) -> None:
    bring(**FABRIC)
    assert plan(disturbed(interrupting(3, DUMPED[kind])), **FABRIC) == []


@pytest.mark.parametrize("kind", DUMPED)
def test_dumps_that_are_always_interrupted_end_in_an_error_and_nothing_is_done(kind: str) -> None:
    bring(**FABRIC)
    before = snapshot()
    with pytest.raises(KernelError, match="kept changing while they were read \\(20 attempts\\); run again"):
        bring(disturbed(interrupting(10**6, DUMPED[kind])), **{**FABRIC, "routes": []})
    assert unlike(before) == {}


def test_answers_that_are_lost_end_the_run_in_undo() -> None:
    ip(*HOST)
    before = snapshot()
    for lost in range(1, 25):
        answers = 0

        def change(data: bytes, lost: int = lost) -> bytes:
            nonlocal answers
            answers += struct.unpack_from("=IHHII", data)[1] == 2  # NLMSG_ERROR, which acknowledgements are too
            if answers == lost:
                answers += 1
                raise OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS))
            return data

        failed = ""
        try:
            bring(disturbed(change), **FABRIC)
        except KernelError as error:
            failed = str(error)
        if answers < lost:
            assert lost > 10, "otherwise hardly anything was lost"
            return
        assert "answers were lost (No buffer space available)" in failed
        assert unlike(before) == {}, f"the answer {lost} was lost"
    pytest.fail("a run has fewer answers")


def remove(namespace: str) -> None:
    subprocess.run(["ip", "netns", "del", namespace], check=True)


def test_a_namespace_that_is_deleted_during_the_run_lives_until_it_ends() -> None:
    def work() -> None:
        enter_namespace("doomed")
        bring(counting(100, lambda: remove("doomed")), **FABRIC)
        assert plan(**FABRIC) == []

    subprocess.run(["ip", "netns", "add", "doomed"], check=True)
    assert in_child(work) == 0
    with pytest.raises(FabricError, match="the network namespace doomed does not exist"):
        enter_namespace("doomed")


@pytest.mark.parametrize("moved", ["va", "vb"])
@pytest.mark.parametrize("listed", [(), ("va", "vb")], ids=["purged", "listed"])
def test_a_pair_of_which_one_end_is_in_another_namespace_is_removed_or_made_anew(moved: str, listed: tuple[str, ...]) -> None:
    ends = [{"name": "va", "peer": "vb"}, {"name": "vb", "peer": "va"}]
    bring(veths=ends, purge=True)
    with subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; read line"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as other:  # fmt: skip
        assert other.stdin and other.stdout
        other.stdout.readline()
        number = (link(moved) or {})["ifindex"]
        # Here its number is free for another link, which is not the pair's other end.
        ip(f"link set dev {moved} netns {other.pid}", f"link add theirs index {number} type bridge")
        desired: dict[str, Any] = {"veths": [end for end in ends if end["name"] in listed], "purge": True}
        begun = time.monotonic()
        assert bring(**desired)
        assert time.monotonic() - begun < 20
        assert plan(**desired) == []
        assert tuple(name for name in ("va", "vb", "theirs") if link(name)) == (*listed, "theirs")
        other.stdin.close()


def test_an_unprivileged_user_is_told_and_changes_nothing() -> None:
    def work() -> None:
        os.setresuid(65534, 65534, 65534)
        with pytest.raises(
            KernelError, match=r"refuses to remove vxlan vx0: Operation not permitted; run as root \(become: true\)"
        ):
            bring(**{**FABRIC, "rules": []})

    ip(*HOST)
    before = snapshot()
    assert in_child(work) == 0
    assert unlike(before) == {}


def test_a_kernel_without_vrf_devices_is_named_and_nothing_is_left() -> None:
    with contextlib.suppress(AssertionError), own_network():
        ip("link add red type vrf table 10")
        pytest.skip("this kernel has VRF devices")
    ip(*HOST)
    before = snapshot()
    with pytest.raises(KernelError) as refused:
        bring(**FABRIC, vrfs=[{"name": "red", "table": 10}])
    assert "vrf devices come with the kernel option CONFIG_NET_VRF (module vrf)" in str(refused.value)
    assert "was reverted" in str(refused.value)
    assert unlike(before) == {}


def test_a_step_of_which_one_message_is_refused_is_not_taken_for_done(monkeypatch: pytest.MonkeyPatch) -> None:
    ip("link add eth1 type veth peer name far1", "link add own0 link far1 type macvlan mode passthru")
    vxlan = {"name": "vx1", "vni": 1, "local": "10.0.0.1", "mtu": 1400}
    bring(vxlans=[vxlan])
    send, back = channel.Channel.send, struct.pack("=HHI", 8, 4, 1400)  # an attribute: the MTU that it had
    refused: list[Any] = []

    def refusing(self: Any, messages: Any, *others: Any) -> Any:
        if not refused and any(back in body for _kind, _flags, body in messages):
            refused.append(messages)
            return [channel.Refusal(0, errno.EBUSY, "")], len(messages)
        return send(self, messages, *others)

    monkeypatch.setattr(channel.Channel, "send", refusing)
    second = {"name": "mv2", "link": "far1", "mode": "passthru"}
    with pytest.raises(KernelError, match="macvlan mv2") as failure:
        bring(vxlans=[{**vxlan, "local": "10.0.0.2", "mtu": 1300}], macvlans=[second])
    assert refused and "was reverted" in str(failure.value)
    there = link("vx1")
    assert there and (there["mtu"], there["linkinfo"]["info_data"]["local"]) == (1400, "10.0.0.1")
