"""``python3 -m lab``: start, list and end labs, or run one command on a stock kernel."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

from . import image, kernel, nodes, patience, topology
from .vm import Machine

STATE = pathlib.Path(os.environ.get("EVPN_LAB", pathlib.Path(__file__).parents[1] / ".lab"))
#: Where the hosts of labs run whose kinds of devices this machine's kernel lacks.
MACHINE = Machine(STATE / "vm", STATE / "kernel")
#: Seconds for a step of a lab's start, which takes one minute where the processor is emulated.
PATIENCE = 600
ADDRESSES = [f"198.18.0.{number}" for number in range(101, 161)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up_parser = commands.add_parser("up", help="start the hosts of an inventory as containers")
    up_parser.add_argument("inventory", type=pathlib.Path)
    up_parser.add_argument("--name", required=True, help="what to call the lab")
    down_parser = commands.add_parser("down", help="end a lab, or all of them and the virtual machine")
    down_parser.add_argument("name", nargs="?")
    reboot_parser = commands.add_parser("reboot", help="shut hosts of a lab down and start them again, one after the other")
    reboot_parser.add_argument("name")
    reboot_parser.add_argument("hosts", nargs="+", metavar="host")
    commands.add_parser("status", help="list labs and their hosts")
    where_parser = commands.add_parser("where", help="say which kernel the hosts of an inventory would run on, and why")
    where_parser.add_argument("inventory", type=pathlib.Path)
    image_parser = commands.add_parser("image", help="build a node image, print where it is")
    image_parser.add_argument("image", choices=sorted(image.IMAGES))
    vm_parser = commands.add_parser("vm", help="run one command on a stock kernel, in a machine of its own")
    vm_parser.add_argument("--memory", default="6G")
    vm_parser.add_argument("argv", nargs=argparse.REMAINDER, metavar="COMMAND ...")
    arguments = parser.parse_args()
    if arguments.command == "up":
        up(arguments.name, arguments.inventory)
    elif arguments.command == "down":
        down(arguments.name)
    elif arguments.command == "reboot":
        reboot(arguments.name, arguments.hosts)
    elif arguments.command == "status":
        status()
    elif arguments.command == "where":
        print(where(topology.read(arguments.inventory)))
    elif arguments.command == "image":
        print(image.build(arguments.image, STATE / "images"))
    else:
        return run_on_stock_kernel(arguments.argv, arguments.memory)
    return 0


def where(wanted: topology.Topology) -> str:
    """One sentence for the user: which kernel the nodes run on, and why."""
    missing = kernel.missing_kinds(wanted.kinds)
    if not missing:
        return "this machine's kernel has all that the lab's hosts need: they are containers on it"
    speed = "emulated, so be patient" if kernel.is_emulated() else "hardware virtualization"
    return (
        f"this machine's kernel lacks {' and '.join(missing)} devices: the lab's hosts are containers on a stock Debian "
        f"kernel, in a virtual machine ({speed})"
    )


def up(name: str, inventory: pathlib.Path) -> None:
    """Starts a lab, or what is missing of it; writes its ssh_config. Quick when all of it runs already.

    One whose inventory has other hosts or cables by now is made anew. A start that hangs, a download say or the virtual
    machine, is told, ended, and tried once more; raises :class:`lab.patience.TookTooLong` if that hangs, too.
    """
    wanted = topology.read(inventory)
    if _is_up(name, wanted):
        print(f"lab: {name} is up already ({len(wanted.nodes)} hosts)", flush=True)
        return
    if any(spec.lab == name and spec.topology != wanted for spec in _specs()):
        down(name)
    try:
        _start(name, wanted)
    except patience.TookTooLong as hung:
        print(f"{hung}\nlab: once more ...", flush=True)
        if not any(spec.virtual for spec in _specs() if spec.lab != name):
            MACHINE.stop()
        down(name)
        _start(name, wanted)


def _start(name: str, wanted: topology.Topology) -> None:
    directory = STATE / "labs" / name
    print(f"lab: {where(wanted)}", flush=True)
    virtual = bool(kernel.missing_kinds(wanted.kinds))
    made = image.build_disk if virtual else image.build
    with patience.within(PATIENCE, "making the images of hosts"):
        images = {key: str(made(key, STATE / "images")) for key in sorted({node.image for node in wanted.nodes})}
    if virtual and MACHINE.pid is None:
        with patience.within(PATIENCE, "the start of the virtual machine"):
            _start_machine()
    directory.mkdir(parents=True, exist_ok=True)
    key = _key()
    taken = {address for other in _specs() if other.lab != name for address in other.addresses.values()}
    free = (address for address in ADDRESSES if address not in taken)
    spec = nodes.Spec(
        name,
        virtual,
        pathlib.Path("/run/evpn-lab") if virtual else STATE / "nodes",
        images,
        {node.name: next(free) for node in wanted.nodes},
        key.with_suffix(".pub").read_text(),
        wanted,
    )
    _write_spec(spec)
    print(f"lab: starting {len(wanted.nodes)} hosts: {', '.join(node.name for node in wanted.nodes)} ...", flush=True)
    _nodes("up", spec)
    _write_ssh_config(spec, key)
    (directory / "up").write_text(wanted.to_json())


def down(name: str | None) -> None:
    """Ends one lab; without a name all of them, and the virtual machine."""
    for spec in _specs():
        if name in (None, spec.lab):
            # Those in the virtual machine end with it.
            if not spec.virtual or (name and MACHINE.pid is not None):
                _nodes("down", spec)
            shutil.rmtree(STATE / "labs" / spec.lab)
            print(f"lab: {spec.lab} is down", flush=True)
    if name is None:
        MACHINE.stop()


def reboot(name: str, hosts: list[str]) -> None:
    """Shuts hosts of a lab down and starts them again, one after the other. Raises ``SystemExit`` for one it does not have."""
    specs = [spec for spec in _specs() if spec.lab == name]
    unknown = sorted(set(hosts) - {node.name for spec in specs for node in spec.topology.nodes})
    if not specs or unknown:
        raise SystemExit(f"lab: {name} has no host {', '.join(unknown)}; `python3 -m lab status` lists labs and their hosts")
    for host in hosts:
        _nodes("reboot", specs[0], host)
        print(f"lab: {host} has rebooted", flush=True)


def status() -> None:
    for spec in _specs():
        state = "up" if _is_up(spec.lab, spec.topology) else "down"
        place = "in the virtual machine" if spec.virtual else "on this machine's kernel"
        print(f"{spec.lab}: {state}, {place}; reach its hosts with: ssh -F {STATE / 'labs' / spec.lab / 'ssh_config'} HOST")
        for node in spec.topology.nodes:
            print(f"  {node.name:12} {node.image:10} {spec.addresses[node.name]}")


def run_on_stock_kernel(argv: list[str], memory: str) -> int:
    """Runs one command in a virtual machine that lives as long as the command; returns its exit status."""
    with tempfile.TemporaryDirectory(prefix="evpn-vm-") as directory:
        machine = Machine(pathlib.Path(directory), STATE / "kernel")
        machine.start(memory)
        try:
            return machine.run(argv)
        finally:
            machine.stop()


def _start_machine() -> None:
    print("lab: starting the virtual machine ...", flush=True)
    sockets = [socket.create_server(("127.0.0.1", 0)) for _address in ADDRESSES]
    ports = {address: bound.getsockname()[1] for address, bound in zip(ADDRESSES, sockets)}
    for bound in sockets:
        bound.close()
    MACHINE.start(forwards={port: (address, 22) for address, port in ports.items()})
    (STATE / "vm/ports.json").write_text(json.dumps(ports))


def _is_up(name: str, wanted: topology.Topology) -> bool:
    marker = STATE / "labs" / name / "up"
    if not marker.exists() or marker.read_text() != wanted.to_json():
        return False
    spec = nodes.Spec.load(STATE / "labs" / name / "spec.json")
    return (
        MACHINE.pid is not None if spec.virtual else all(nodes.is_running(spec.container(node.name)) for node in wanted.nodes)
    )


def _nodes(action: str, spec: nodes.Spec, *arguments: str) -> None:
    """Runs :mod:`lab.nodes` where the containers live."""
    if not spec.virtual:
        with patience.within(PATIENCE, f"`{action}` of {spec.lab}"):
            nodes.ACTIONS[action](spec, *arguments)
        return
    copy = MACHINE.directory / "spec.json"  # the guest sees this directory as it is now; its root only as it was
    copy.write_text((STATE / "labs" / spec.lab / "spec.json").read_text())
    with patience.within(PATIENCE, f"`{action}` of {spec.lab}"):
        code = MACHINE.run([sys.executable, "-m", "lab.nodes", action, "/guest/spec.json", *arguments])
    if code == patience.TOOK_TOO_LONG:
        raise patience.TookTooLong(f"lab: `{action}` has been ended in the virtual machine, which says why above")
    if code:
        raise SystemExit(f"lab: `{action}` failed with exit status {code}")


def _specs() -> list[nodes.Spec]:
    return [nodes.Spec.load(path) for path in sorted(STATE.glob("labs/*/spec.json"))]


def _write_spec(spec: nodes.Spec) -> None:
    raw = {
        "lab": spec.lab,
        "virtual": spec.virtual,
        "directory": str(spec.directory),
        "images": spec.images,
        "addresses": spec.addresses,
        "key": spec.key,
        "topology": json.loads(spec.topology.to_json()),
    }
    (STATE / "labs" / spec.lab / "spec.json").write_text(json.dumps(raw, indent=1))


def _key() -> pathlib.Path:
    key = STATE / "key"
    if not key.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "evpn-lab", "-f", str(key)], check=True)
    return key


def _write_ssh_config(spec: nodes.Spec, key: pathlib.Path) -> None:
    ports = json.loads((STATE / "vm/ports.json").read_text()) if spec.virtual else {}
    lines = [
        "Host *",
        "  User root",
        f"  IdentityFile {key}",
        "  IdentitiesOnly yes",
        "  StrictHostKeyChecking no",
        "  UserKnownHostsFile /dev/null",
        "  LogLevel ERROR",
        "  ConnectTimeout 60",
        # A host that answers no more ends a connection; one that is dead for as long as the scenarios want it does not.
        "  ServerAliveInterval 30",
        "  ServerAliveCountMax 5",
    ]
    for node, address in spec.addresses.items():
        port = ports.get(address)
        lines += [f"Host {node} {node}.{spec.lab}", f"  HostName {'127.0.0.1' if port else address}", f"  Port {port or 22}"]
    (STATE / "labs" / spec.lab / "ssh_config").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
