"""Root file systems for the nodes: Debian with systemd, FRR, pyroute2 and sshd, built once and shared read-only.

The image ``bare`` has neither FRR nor pyroute2, but Debian's packages of them in a directory that apt takes for an archive, and
systemd-networkd, which wants to configure every interface: a host as it comes from a provider.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

from . import kernel

#: Image name -> Debian suite. The last has the first FRR that carries IPv6 VTEP addresses in EVPN (10.6 and later).
SUITES = {"debian12": "bookworm", "debian13": "trixie", "debian14": "forky"}
BARE = {"bare": "trixie"}
IMAGES = {**SUITES, **BARE}
PACKAGES = (
    "systemd-sysv",
    "dbus",
    "kmod",
    "procps",
    "iproute2",
    "iputils-ping",
    "openssh-server",
    "tcpdump",
    "nftables",
    "python3",
)
#: What a fabric needs of a host besides.
FABRIC = ("python3-pyroute2", "frr")
#: Where a bare host has these packages, with those that they need and that with which Ansible installs packages.
ARCHIVE = "srv/packages"
DOWNLOAD = (
    f'mkdir -p "$1"/{ARCHIVE}/partial',
    f'chroot "$1" apt-get install --quiet --yes --download-only --option Dir::Cache::archives=/{ARCHIVE} python3-apt '
    + " ".join(FABRIC),
    'chroot "$1" systemctl enable --quiet systemd-networkd.service',
    r'printf "[Match]\nName=e*\n[Network]\nDHCP=yes\n" > "$1"/etc/systemd/network/50-all.network',
)
#: Of an image as one file, sparse: more than twice what the packages take.
DISK_SIZE = "600M"
#: Units that a container has no use for; without them a node is up in half the time.
MASKED = (
    "systemd-logind.service",
    "systemd-networkd-wait-online.service",
    "systemd-timesyncd.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "e2scrub_all.timer",
    "fstrim.timer",
    "dpkg-db-backup.timer",
    "getty.target",
    "modprobe@.service",
    "dev-hugepages.mount",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
    "systemd-udevd.service",
    "systemd-udev-trigger.service",
    "systemd-modules-load.service",
    "systemd-remount-fs.service",
    "systemd-sysusers.service",
    "systemd-tmpfiles-setup-dev.service",
    "systemd-journal-flush.service",
    "systemd-update-utmp.service",
    "dev-mqueue.mount",
)


def build(name: str, cache: pathlib.Path) -> pathlib.Path:
    """Builds the image ``name`` below ``cache`` unless it is there; returns its root directory.

    Raises ``SystemExit`` with mmdebstrap's own words if it fails.
    """
    recipe = hashlib.sha256(repr((IMAGES[name], _packages(name), MASKED, *_download(name))).encode()).hexdigest()[:12]
    root = cache / f"{name}-{recipe}"
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / f"{name}.lock"):
        if not root.exists():
            _build(name, root)
    return root


def build_disk(name: str, cache: pathlib.Path) -> pathlib.Path:
    """The image ``name`` as one file, an ext4 file system, for the virtual machine: it need not ask for each file then.

    Raises ``SystemExit`` as :func:`build` does, and with mke2fs's own words if that fails.
    """
    root = build(name, cache)
    disk = root.with_name(f"{root.name}.ext4")
    with _locked(cache / f"{name}.lock"):
        if not disk.exists():
            kernel.require("mke2fs")
            unfinished = cache / f"{name}.unfinished"
            _remove(unfinished)
            options = ["-q", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-d", str(root)]
            command = ["mke2fs", *options, str(unfinished), DISK_SIZE]
            result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            if result.returncode:
                _remove(unfinished)
                raise SystemExit(f"mke2fs could not make {disk}:\n{result.stdout}")
            unfinished.rename(disk)
    return disk


@contextlib.contextmanager
def _locked(path: pathlib.Path) -> Iterator[None]:
    """One process at a time builds an image; the others, tests on another processor say, wait for it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _packages(name: str) -> tuple[str, ...]:
    return PACKAGES if name in BARE else (*PACKAGES, *FABRIC)


def _download(name: str) -> tuple[str, ...]:
    return DOWNLOAD if name in BARE else ()


def _build(name: str, root: pathlib.Path) -> None:
    cache = root.parent
    kernel.require("mmdebstrap", "dpkg-deb")
    print(f"lab: building the node image {name} (Debian {IMAGES[name]}, about 20 s) ...", flush=True)
    unfinished = cache / f"{name}.unfinished"
    _remove(unfinished)
    hooks = [
        *_download(name),
        'chroot "$1" systemctl mask --quiet ' + " ".join(MASKED),
        'rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* "$1"/usr/share/doc "$1"/usr/share/man "$1"/usr/share/locale',
        'echo "UseDNS no" > "$1"/etc/ssh/sshd_config.d/lab.conf',
        'mkdir -m 700 -p "$1"/root/.ssh',
    ]
    command = [
        "mmdebstrap",
        "--quiet",
        "--mode=root",
        "--variant=minbase",
        "--format=directory",
        "--include=" + ",".join(_packages(name)),
        # A mirror that lags behind keeps the suite in testing with metadata that has expired.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        *(f"--customize-hook={hook}" for hook in hooks),
        IMAGES[name],
        str(unfinished),
    ]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if result.returncode:
        _remove(unfinished)
        raise SystemExit(f"mmdebstrap could not build {name}:\n{result.stdout[-3000:]}")
    if name in BARE:
        _make_archive(unfinished)
    for older in cache.glob(f"{name}-*"):
        _remove(older)
    unfinished.rename(root)


def _make_archive(root: pathlib.Path) -> None:
    """Makes the packages that were downloaded into an image the only archive that its apt knows, as sources.list(5) says."""
    place = root / ARCHIVE
    index = []
    for package in sorted(place.glob("*.deb")):
        fields = subprocess.run(["dpkg-deb", "--field", str(package)], check=True, capture_output=True, text=True).stdout
        content = package.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        index.append(f"{fields}Filename: ./{package.name}\nSize: {len(content)}\nSHA256: {digest}\n")
    (place / "Packages").write_text("\n".join(index))
    (root / "etc/apt/sources.list").write_text(f"deb [trusted=yes] file:/{ARCHIVE} ./\n")


def _remove(root: pathlib.Path) -> None:
    """Removes a root file system or a file, never crossing into anything mounted below it."""
    if root.is_file():
        root.unlink()
    elif root.exists():
        mounts = pathlib.Path("/proc/self/mounts").read_text().split()
        if any(mount.startswith(f"{root}/") for mount in mounts):
            raise SystemExit(f"{root} has something mounted below it; unmount that first")
        shutil.rmtree(root)
