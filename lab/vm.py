"""A virtual machine with a stock Debian kernel over a throw-away overlay of this machine's file system.

Everything installed here is there, read-only below and writable above; nothing written inside survives it. Hardware
virtualization is used where there is some and not needed where there is none (then Python is about 7 times slower).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence

from . import kernel, patience

#: What QEMU and the kernel are told where the processor is emulated. Code is translated again for each address that it runs
#: at, so addresses are not random; string instructions (`erms`, `fsrm`, `rep_good`) are emulated step by step, so plain loops
#: take their place; and the time that all emulated processors have in common is read without leaving the emulation.
EMULATION = ("-accel", "tcg,thread=multi,tb-size=1024", "-cpu", "max")
EMULATED_KERNEL = "norandmaps init_on_alloc=0 tsc=reliable clearcpuid=297,580,112"
HARDWARE = ("-accel", "kvm", "-cpu", "host")

#: Seconds within which a machine comes up, also where other tests keep the processors busy.
PATIENCE = 180

#: Modules that must be there before the root file system is, and those loaded once it is.
BOOT_MODULES = ("9p", "9pnet_virtio", "virtio_pci", "overlay")
MODULES = (
    "virtio_net",
    "virtio_console",
    "loop",
    "ext4",
    "vrf",
    "vxlan",
    "bridge",
    "veth",
    "dummy",
    "macvlan",
    "8021q",
    "sch_netem",
    "nf_tables",
    "tun",
)

INIT = r"""#!/bin/busybox sh
B=/bin/busybox
$B mount -t proc proc /proc; $B mount -t sysfs sys /sys; $B mount -t devtmpfs dev /dev
for m in $($B cat /modules/order); do $B insmod /modules/$m; done
$B mkdir -p /lower /upper
$B mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro root /lower
$B mount -t tmpfs tmpfs /upper; $B mkdir /upper/changes /upper/work
$B mount -t overlay -o lowerdir=/lower,upperdir=/upper/changes,workdir=/upper/work overlay /root
$B mkdir -p /root/guest
$B mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 guest /root/guest
for d in proc sys dev; do $B mount --move /$d /root/$d; done
exec $B switch_root /root /bin/bash /guest/start
"""

START = r"""
export PATH={path} HOME={home}
mkdir -p /dev/shm /dev/pts
mount -t tmpfs tmpfs /dev/shm; mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /run; mkdir -p /run/netns /run/frr; chown frr:frr /run/frr 2>/dev/null
mount -t cgroup2 none /sys/fs/cgroup
for m in {modules}; do modprobe -d {root} $m; done
sysctl -q fs.inotify.max_user_instances=4096 fs.inotify.max_user_watches=524288 kernel.panic=-1
ip link set lo up
hostname lab
cd {directory}
for i in 1 2 3; do {python} -m lab.agent; done
echo o > /proc/sysrq-trigger; sleep 30
"""


class Machine:
    """One virtual machine; its files live in ``directory``, the kernel it boots in ``cache``."""

    def __init__(self, directory: pathlib.Path, cache: pathlib.Path):
        self.directory = directory
        self.cache = cache

    @property
    def pid(self) -> int | None:
        """Process id of the running machine, or ``None``."""
        with contextlib.suppress(OSError, ValueError):
            pid = int((self.directory / "pid").read_text())
            if b"qemu-system" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        return None

    def start(self, memory: str = "6G", forwards: Mapping[int, tuple[str, int]] | None = None) -> None:
        """Boots the machine and waits until it takes commands.

        ``forwards`` maps a port on this machine's loopback to an address and port in the guest's network
        (198.18.0.0/24). Raises ``SystemExit`` with the console's last lines if it ends before,
        :class:`lab.patience.TookTooLong` if it does not come up within :data:`PATIENCE` seconds.
        """
        kernel.require("qemu-system-x86_64", "busybox", "cpio", "depmod")
        version = prepare_kernel(self.cache)
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "start").write_text(
            START.format(
                path=os.environ["PATH"],
                home=pathlib.Path.home(),
                modules=" ".join(MODULES),
                root=self.cache / "root",
                directory=pathlib.Path(__file__).parents[1],
                python=sys.executable,
            )
        )
        network = "user,id=net,ipv6=off,net=198.18.0.0/24,host=198.18.0.2,dns=198.18.0.3" + "".join(
            f",hostfwd=tcp:127.0.0.1:{port}-{address}:{target}" for port, (address, target) in (forwards or {}).items()
        )
        emulated = kernel.is_emulated()
        command = [
            "qemu-system-x86_64",
            "-M",
            "q35",
            *(EMULATION if emulated else HARDWARE),
            "-smp",
            str(os.cpu_count()),
            "-m",
            memory,
            "-display",
            "none",
            "-no-reboot",
            "-serial",
            f"file:{self.directory}/console",
            "-kernel",
            f"{self.cache}/root/boot/vmlinuz-{version}",
            "-initrd",
            f"{self.cache}/initrd.gz",
            "-append",
            "console=ttyS0 quiet panic=-1 mitigations=off" + (f" {EMULATED_KERNEL}" if emulated else ""),
            "-fsdev",
            "local,id=root,path=/,security_model=none,multidevs=remap,readonly=on",
            "-device",
            "virtio-9p-pci,fsdev=root,mount_tag=root",
            "-fsdev",
            f"local,id=guest,path={self.directory},security_model=none",
            "-device",
            "virtio-9p-pci,fsdev=guest,mount_tag=guest",
            "-netdev",
            network,
            "-device",
            "virtio-net-pci,netdev=net,romfile=",
            "-device",
            "virtio-serial",
            "-device",
            "virtserialport,chardev=agent,name=agent",
            "-chardev",
            f"socket,id=agent,path={self.directory}/agent,server=on,wait=off",
        ]
        (self.directory / "agent").unlink(missing_ok=True)
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self.directory / "qemu.log").open("w"),
            start_new_session=True,
        )
        (self.directory / "pid").write_text(str(process.pid))
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError, TimeoutError):
                if self._ask(["true"], timeout=5) == 0:
                    return
            time.sleep(0.2)
        ended = process.poll() is not None
        self.stop()
        last = "\n".join((self.directory / name).read_text(errors="replace")[-2000:] for name in ("qemu.log", "console"))
        if ended:
            raise SystemExit(f"the virtual machine ended at its start; its last words:\n{last}")
        raise patience.TookTooLong(f"the virtual machine did not come up within {PATIENCE} s; its last words:\n{last}")

    def run(self, argv: Sequence[str], quiet: bool = False) -> int:
        """Runs one command in the machine, passing its output on as it comes; returns its exit status."""
        return self._ask(argv, quiet=quiet)

    def stop(self) -> None:
        """Ends the machine; what was written inside it is gone."""
        pid = self.pid
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        for _attempt in range(50):
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            if self.pid is None:
                break
            time.sleep(0.1)
        else:
            os.kill(pid, signal.SIGKILL)
        (self.directory / "pid").unlink(missing_ok=True)

    def _ask(self, argv: Sequence[str], timeout: float | None = None, quiet: bool = False) -> int:
        """Sends one command to the agent; one at a time, others wait for the lock."""
        with (self.directory / "lock").open("w") as lock, socket.socket(socket.AF_UNIX) as agent:
            fcntl.flock(lock, fcntl.LOCK_EX)
            agent.settimeout(timeout)
            agent.connect(str(self.directory / "agent"))
            environment = {name: value for name, value in os.environ.items() if name.startswith(("PYTHON", "EVPN_", "LC_"))}
            number = secrets.randbits(64)
            request = {"number": number, "argv": list(argv), "cwd": os.getcwd(), "env": environment}
            agent.sendall(json.dumps(request).encode() + b"\n")
            for answer in _lines(agent):
                if answer["to"] != number:
                    continue
                if "exit" in answer:
                    return int(answer["exit"])
                if not quiet:
                    sys.stdout.write(answer["output"])
                    sys.stdout.flush()
        raise SystemExit("the virtual machine ended while it ran a command; see " + str(self.directory / "console"))


def _lines(agent: socket.socket) -> Iterator[dict]:
    buffer = b""
    while True:
        received = agent.recv(65536)
        if not received:
            return
        *complete, buffer = (buffer + received).split(b"\n")
        for line in complete:
            # Whoever asked before may have gone in the middle of a line.
            with contextlib.suppress(json.JSONDecodeError):
                yield json.loads(line)


def prepare_kernel(cache: pathlib.Path) -> str:
    """Downloads and unpacks the distribution's current kernel once; returns its version."""
    ready = cache / "ready"
    if ready.exists():
        return ready.read_text()
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True)
    print("lab: downloading a stock Debian kernel (about 70 MB) ...", flush=True)
    depends = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], check=True, capture_output=True, text=True).stdout
    package = next(line.split()[-1] for line in depends.splitlines() if "Depends: linux-image" in line)
    subprocess.run(["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", package], check=True, cwd=cache)
    (archive,) = cache.glob("*.deb")
    subprocess.run(["dpkg", "-x", archive.name, "root"], check=True, cwd=cache)
    archive.unlink()
    (image,) = (cache / "root/boot").glob("vmlinuz-*")
    version = image.name.removeprefix("vmlinuz-")
    subprocess.run(["depmod", "-b", str(cache / "root"), version], check=True)
    _pack_initrd(cache, version)
    ready.write_text(version)
    return version


def _pack_initrd(cache: pathlib.Path, version: str) -> None:
    """Packs busybox and the modules that mount the root file system."""
    tree = cache / "initrd"
    for name in ("bin", "modules", "proc", "sys", "dev", "root"):
        (tree / name).mkdir(parents=True)
    shutil.copy(str(shutil.which("busybox")), tree / "bin/busybox")
    files: list[str] = []
    for module in BOOT_MODULES:
        shown = subprocess.run(
            ["modprobe", "-d", str(cache / "root"), "-S", version, "--show-depends", module],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        files += [line.split()[1] for line in shown.splitlines() if line.startswith("insmod")]
    for file in dict.fromkeys(files):
        shutil.copy(file, tree / "modules")
    (tree / "modules/order").write_text("\n".join(pathlib.Path(file).name for file in dict.fromkeys(files)) + "\n")
    (tree / "init").write_text(INIT)
    (tree / "init").chmod(0o755)
    with (cache / "initrd.gz").open("wb") as packed:
        names = "\n".join(str(path.relative_to(tree)) for path in [tree, *sorted(tree.rglob("*"))])
        archive = subprocess.run(
            ["cpio", "-o", "-H", "newc", "--quiet"], input=names.encode(), cwd=tree, check=True, capture_output=True
        ).stdout
        subprocess.run(["gzip", "-1"], input=archive, stdout=packed, check=True)
