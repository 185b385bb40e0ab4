"""Containers with systemd and FRR, cabled by veth pairs, on the kernel this process runs on.

``python3 -m lab.nodes up SPEC``, ``down SPEC`` and ``reboot SPEC NODE`` are what the ``lab`` command runs inside the virtual
machine; on this machine it calls :func:`up`, :func:`down` and :func:`reboot` itself. A node's file system is an overlay on its
image; its management interface ``mgmt0`` is on the bridge ``evpn-lab`` in 198.18.0.0/24.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from . import kernel, patience
from .topology import Cable, Node, Topology

BRIDGE = "evpn-lab"
#: Where images are mounted in the virtual machine.
IMAGES = pathlib.Path("/run/evpn-lab-images")
#: Where a host keeps what its Python compiles, as lab/bytecode.py says, and where Python looks for what to do at its start.
BYTECODE = "/run/evpn-lab-bytecode"
PYTHON_SITE = "usr/lib/python3/dist-packages"
#: For /etc/frr/daemons where a processor may be emulated: watchfrr ends a start of the daemons that takes longer, unfinished.
WATCHFRR = 'watchfrr_options="--restart-timeout 120"\n'
#: For /etc/frr/daemons of a router outside: FRR 8.4 removes an IPv6 route before it adds its successor, unless told that the
#: kernel replaces one at once (FRR manual, zebra). What was lost in between would be counted as lost by the gateways.
ZEBRA = 'zebra_options="-A 127.0.0.1 -s 90000000 --v6-rr-semantics"\n'
#: Seconds for all of a lab's hosts to start, or to end: ten times what an emulated machine takes.
PATIENCE = 480
#: What makes a host a router.
FORWARDING = ("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
# fmt: off
CAPABILITIES = [
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
    "CAP_SETUID", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
    "CAP_IPC_OWNER", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_ADMIN", "CAP_SYS_NICE", "CAP_MKNOD", "CAP_AUDIT_WRITE",
    "CAP_SETFCAP",
]
# fmt: on


@dataclasses.dataclass(frozen=True)
class Spec:
    """What the containers of one lab need: where they live, their images, addresses and the key that opens them.

    ``virtual`` says whether they run in the virtual machine, ``directory`` where their files are there or here; ``images`` are
    directories here, and files with a file system there.
    """

    lab: str
    virtual: bool
    directory: pathlib.Path
    images: dict[str, str]
    addresses: dict[str, str]
    key: str
    topology: Topology

    @classmethod
    def load(cls, path: pathlib.Path) -> Spec:
        raw = json.loads(path.read_text())
        return cls(
            raw["lab"],
            raw["virtual"],
            pathlib.Path(raw["directory"]),
            raw["images"],
            raw["addresses"],
            raw["key"],
            Topology.from_json(json.dumps(raw["topology"])),
        )

    def container(self, node: str) -> str:
        """The name of a node's container and of its network namespace."""
        return f"{self.lab}-{node}"


def up(spec: Spec) -> None:
    """Starts every node that is not running, lays every cable, and waits until all nodes have booted."""
    _refuse_those_of_others(spec)
    _management_bridge(spec)
    roots = {name: _mounted(image) if spec.virtual else image for name, image in spec.images.items()}
    fresh = [node for node in spec.topology.nodes if not is_running(spec.container(node.name))]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda node: _start(spec, node, roots[node.image]), fresh))
    names = {node.name for node in fresh}
    _ip(
        "\n".join(
            line
            for cable in spec.topology.cables
            if cable.a[0] in names or cable.b[0] in names
            for line in _cable_lines(spec, cable)
        )
    )
    for node in fresh:
        lines = _external_lines(node) if node.frr else [] if node.services else _tenant_lines(node)
        if lines:
            _ip("\n".join(lines), spec.container(node.name))
    for node in fresh:
        if node.services:
            _wait_until_booted(spec.container(node.name))
        if node.frr:
            _crun("exec", spec.container(node.name), "sysctl", "-qw", *FORWARDING)
            # Where a machine is slow, watchfrr ends the script that starts the daemons before it has read the configuration.
            _crun("exec", spec.container(node.name), "vtysh", "-b")


def reboot(spec: Spec, node_name: str) -> None:
    """Shuts a node down and starts it again from its disk: what it had in memory is gone, its cables stay where they are."""
    (node,) = (node for node in spec.topology.nodes if node.name == node_name)
    name, old = spec.container(node_name), spec.container(node_name) + "-off"
    # The namespace holds the node's ends of its cables; the other ends would go with it.
    _command("ip", "netns", "attach", old, str(_state(name)["pid"]))
    _shut_down(name)
    _detach(spec, node_name)
    _boot(spec, node)
    for cable in spec.topology.cables:
        for host, port in (cable.a, cable.b):
            if host == node_name:
                # A network card remembers neither.
                _ip(f"link set {port} down alias '' mtu {cable.mtu or 1500}\nlink set {port} netns {name}", old)
    _command("ip", "netns", "delete", old)
    _wait_until_booted(name)


def down(spec: Spec) -> None:
    """Ends the nodes and removes what they left: namespaces, mounts, files; the bridge with the last lab."""
    for node in spec.topology.nodes:
        _stop(spec, node.name)
    shutil.rmtree(spec.directory / spec.lab, ignore_errors=True)
    ports = json.loads(_command("ip", "-j", "link", "show", "master", BRIDGE, check=False) or "[]")
    if not any(port["ifname"].startswith("lab") for port in ports):
        _command("ip", "link", "del", BRIDGE, check=False)


def _management_bridge(spec: Spec) -> None:
    """Creates the bridge; inside the virtual machine its network card becomes a port of it."""
    # Not below /sys, which may be another network namespace's.
    if any(name == BRIDGE for _number, name in socket.if_nameindex()):
        return
    lines = [f"link add {BRIDGE} type bridge", f"link set {BRIDGE} up", f"addr add 198.18.0.1/24 dev {BRIDGE}"]
    if spec.virtual:
        lines += [f"link set eth0 master {BRIDGE}", "link set eth0 up"]
    _ip("\n".join(lines))


def _mounted(image: str) -> str:
    """Where a file with a file system is mounted, which is done here unless it was before."""
    place = IMAGES / pathlib.Path(image).name
    if not place.is_mount():
        place.mkdir(parents=True, exist_ok=True)
        _command("mount", "-o", "loop,ro", image, str(place))
    return str(place)


def _start(spec: Spec, node: Node, image: str) -> None:
    name = spec.container(node.name)
    home = spec.directory / spec.lab / node.name
    _stop(spec, node.name)
    for part in ("changes", "work", "root"):
        (home / part).mkdir(parents=True)
    _command(
        "mount",
        "-t",
        "overlay",
        name,
        "-o",
        f"lowerdir={image},upperdir={home}/changes,workdir={home}/work",
        str(home / "root"),
    )
    etc = home / "root/etc"
    (etc / "hostname").write_text(node.name + "\n")
    (etc / "hosts").write_text(f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {node.name}\n")
    if node.frr:
        (etc / "frr/frr.conf").write_text(node.frr)
        daemons = etc / "frr/daemons"
        daemons.write_text(daemons.read_text().replace("bgpd=no", "bgpd=yes").replace("bfdd=no", "bfdd=yes") + ZEBRA)
    if spec.virtual and (etc / "frr/daemons").exists():
        with (etc / "frr/daemons").open("a") as daemons_file:
            daemons_file.write(WATCHFRR)
    keys = home / "root/root/.ssh/authorized_keys"
    keys.write_text(spec.key)
    keys.chmod(0o600)
    _keep_bytecode(home / "root" / PYTHON_SITE)
    kept = spec.directory / "bytecode"
    kept.mkdir(exist_ok=True)
    (home / "config.json").write_text(json.dumps(_container(name, node, home / "root", kept)))
    _boot(spec, node)


def _boot(spec: Spec, node: Node) -> None:
    """Starts a node from what its directory holds, with its management interface and no cable."""
    name, home = spec.container(node.name), spec.directory / spec.lab / node.name
    with (home / "console").open("w") as console:
        subprocess.run(
            _crun_command("--cgroup-manager=cgroupfs", "run", "--detach", "--bundle", str(home), name),
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
        )
    _command("ip", "netns", "attach", name, str(_state(name)["pid"]))
    # A MAC that follows from the address: QEMU's own network remembers it from the node that had the address before.
    number = _number(spec, node.name)
    _ip(
        f"link add lab{number} type veth peer name mgmt0 address 02:00:c6:12:00:{number:02x} netns {name}\n"
        f"link set lab{number} master {BRIDGE} up"
    )
    _ip(f"link set lo up\nlink set mgmt0 up\naddr add {spec.addresses[node.name]}/24 dev mgmt0", name)


def _number(spec: Spec, node: str) -> int:
    """The last number of a node's management address, which names its port of the bridge."""
    return int(spec.addresses[node].rsplit(".", 1)[1])


def _keep_bytecode(site: pathlib.Path) -> None:
    """Has a host's Python run :mod:`lab.bytecode` at its start."""
    shutil.copy(pathlib.Path(__file__).with_name("bytecode.py"), site / "evpn_lab_bytecode.py")
    (site / "evpn_lab_bytecode.pth").write_text("import evpn_lab_bytecode\n")


def _container(name: str, node: Node, root: pathlib.Path, bytecode: pathlib.Path) -> dict:
    """The OCI runtime configuration of a node; ``bytecode`` is where all nodes keep what Python compiles."""

    def mount(target: str, kind: str, *options: str) -> dict:
        return {"destination": target, "type": kind, "source": kind, "options": list(options)}

    init = ["/sbin/init"] if node.services else ["/bin/sh", "-c", "mkdir -p /run/sshd; exec /usr/sbin/sshd -D"]
    return {
        "ociVersion": "1.0.2",
        "hostname": node.name,
        "root": {"path": str(root)},
        "process": {
            "cwd": "/",
            "args": init,
            "user": {"uid": 0, "gid": 0},
            "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "container=crun"],
            "capabilities": dict.fromkeys(("bounding", "effective", "permitted"), CAPABILITIES),
        },
        "mounts": [
            mount("/proc", "proc"),
            mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=64m"),
            mount("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
            mount("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", "mode=1777"),
            mount("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro"),
            mount("/sys/fs/cgroup", "cgroup", "nosuid", "noexec", "nodev", "rw"),
            mount("/run", "tmpfs", "nosuid", "nodev", "mode=755"),
            mount("/tmp", "tmpfs", "nosuid", "nodev", "mode=1777"),
            {**mount(BYTECODE, "bind", "bind", "rw"), "source": str(bytecode)},
        ],
        "linux": {
            "cgroupsPath": f"/evpn-lab/{name}",
            "resources": {"devices": [{"allow": True, "access": "rwm"}]},
            # What is the machine's and not the node's.
            "readonlyPaths": ["/proc/sys/kernel", "/proc/sys/fs", "/proc/sys/vm", "/proc/sysrq-trigger"],
            "namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount", "network", "cgroup")],
        },
    }


def _cable_lines(spec: Spec, cable: Cable) -> list[str]:
    (a, a_port), (b, b_port) = cable.a, cable.b
    mtu = f" mtu {cable.mtu}" if cable.mtu else ""
    return [f"link add {a_port} netns {spec.container(a)}{mtu} type veth peer name {b_port} netns {spec.container(b)}{mtu}"]


def _tenant_lines(node: Node) -> list[str]:
    """A tenant host's own network: eth1, or a VLAN on it, with addresses and default routes."""
    device = f"eth1.{node.vlan}" if node.vlan else "eth1"
    lines = ["link set eth1 up"]
    if node.vlan:
        lines.append(f"link add {device} link eth1 type vlan id {node.vlan}")
    lines.append(f"link set {device} up" + (f" mtu {node.mtu}" if node.mtu else ""))
    lines += [f"addr add {address} dev {device}{' nodad' if ':' in address else ''}" for address in node.addresses]
    return lines + [f"route add {prefix} via {via}" for prefix, via in node.routes]


def _external_lines(node: Node) -> list[str]:
    """The interfaces and addresses of a router outside."""
    placed = [entry.split(" ") for entry in node.addresses]
    lines = [f"link set {device} up" for device in dict.fromkeys(device for device, _address in placed)]
    return lines + [f"addr add {address} dev {device}{' nodad' if ':' in address else ''}" for device, address in placed]


def is_running(name: str) -> bool:
    return _state(name).get("status") == "running"


def _state(name: str) -> dict:
    """What the container runtime says of a container; empty if there is none of that name."""
    shown = subprocess.run(_crun_command("state", name), capture_output=True, text=True, check=False)
    return dict(json.loads(shown.stdout)) if shown.returncode == 0 else {}


def _refuse_those_of_others(spec: Spec) -> None:
    """Raises ``SystemExit`` if a lab of this name runs already, from another checkout on this machine."""
    for node in spec.topology.nodes:
        bundle = _state(spec.container(node.name)).get("bundle", "")
        if bundle and pathlib.Path(bundle).resolve() != (spec.directory / spec.lab / node.name).resolve():
            raise SystemExit(
                f"the container {spec.container(node.name)} is another checkout's, {bundle}: end its labs there first, with "
                "`.venv/bin/python -m lab down`"
            )


def _shut_down(name: str, limit: float = 60) -> None:
    """Has a node's systemd end everything, as `systemctl poweroff` does; one that does not get there loses its power."""
    _crun("kill", name, "SIGRTMIN+4", check=False)
    deadline = time.monotonic() + limit
    while is_running(name) and time.monotonic() < deadline:
        time.sleep(0.1)


def _stop(spec: Spec, node: str) -> None:
    home = spec.directory / spec.lab / node
    _detach(spec, node)
    _command("umount", str(home / "root"), check=False)
    shutil.rmtree(home, ignore_errors=True)


def _detach(spec: Spec, node: str) -> None:
    """Ends a node's container and what the machine has of its network; its files stay."""
    name = spec.container(node)
    _crun("delete", "--force", name, check=False)
    if (spec.directory / spec.lab / node).exists():
        # The kernel takes its time to empty a namespace, and the next lab may have a node with this number.
        _command("ip", "link", "delete", f"lab{_number(spec, node)}", check=False)
    _command("ip", "netns", "delete", name, check=False)


def _wait_until_booted(name: str, limit: float = 300) -> None:
    deadline = time.monotonic() + limit
    state = ""
    while time.monotonic() < deadline:
        state = _crun("exec", name, "timeout", "30", "systemctl", "is-system-running", "--wait", check=False).strip()
        if state in ("running", "degraded"):
            return
        if not is_running(name):
            break
        time.sleep(0.3)
    raise SystemExit(
        f"{name} did not boot: systemd says {state!r}; the container {'runs' if is_running(name) else 'has ended'}"
    )


def _ip(lines: str, namespace: str | None = None) -> None:
    """Runs lines of ``ip`` commands in one process, stopping at the first that fails."""
    command = ["ip", *(["-n", namespace] if namespace else []), "-batch", "-"]
    result = subprocess.run(command, input=lines + "\n", capture_output=True, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"ip: {result.stderr.strip()}\nin:\n{lines}")


def _crun(*arguments: str, check: bool = True) -> str:
    return _command(*_crun_command(*arguments), check=check)


def _crun_command(*arguments: str) -> list[str]:
    """A command of the container runtime; it sees the unified control groups even where the machine mounts older ones."""
    if kernel.has_unified_cgroups():
        return ["crun", *arguments]
    script = 'mount -t cgroup2 none /sys/fs/cgroup && exec crun "$@"'
    return ["unshare", "--mount", "sh", "-c", script, "crun", *arguments]


def _command(*command: str, check: bool = True) -> str:
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if check and result.returncode:
        raise SystemExit(f"{' '.join(command)}: {result.stderr.strip() or result.stdout.strip()}")
    return result.stdout


#: What can be done to a lab, by its name.
ACTIONS: dict[str, Callable[..., None]] = {"up": up, "down": down, "reboot": reboot}


def main() -> int:
    action, spec = ACTIONS[sys.argv[1]], Spec.load(pathlib.Path(sys.argv[2]))
    try:
        with patience.within(PATIENCE, f"`{sys.argv[1]}` of {spec.lab} in the virtual machine"):
            action(spec, *sys.argv[3:])
    except patience.TookTooLong as hung:
        print(hung)
        return patience.TOOK_TOO_LONG
    return 0


if __name__ == "__main__":
    sys.exit(main())
