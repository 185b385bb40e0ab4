# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is and has, as far as a fabric needs to know. Private to this collection."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from typing import Any, Dict, List, Optional

from .._core.errors import FabricError
from .._core.schema import Keys
from .._host.maintenance import record
from .._store import checkpoint, confirmed
from . import managers
from .default_routes import default_route_interfaces
from .looking import content, output

#: Kernel modules that a fabric's devices come from.
MODULES = ("bridge", "vxlan", "vrf", "8021q")
#: Where distributions put FRR's daemons: Debian, Fedora, FRR's own packages.
ZEBRA = ("/usr/lib/frr/zebra", "/usr/libexec/frr/zebra", "/usr/sbin/zebra")
MODULES_LOAD = "/etc/modules-load.d/evpn-fabric.conf"
#: Flags of routes from router advertisements (RTF_DEFAULT, RTF_ADDRCONF; include/uapi/linux/ipv6_route.h).
FROM_ADVERTISEMENT = 0x00010000 | 0x00040000


OPTIONS: Keys = {}


def run(module: Any) -> None:
    """Looks at the host and ends the module."""
    module.exit_json(changed=False, **look())


def look() -> Dict[str, Any]:
    """The result of the module `host_info`."""
    release = os.uname().release
    others, reverted = managers.look(), checkpoint.last_reverted()
    return {
        "distribution": _distribution(),
        "kernel": release,
        "frr_version": _frr_version(),
        "pyroute2": find_spec("pyroute2") is not None,
        "missing_kernel_modules": [name for name in MODULES if not _has_module(name, release)],
        "modules_load": content(MODULES_LOAD),
        "default_route_interfaces": default_route_interfaces(),
        "advertised_default_interfaces": advertised_defaults(content("/proc/net/ipv6_route")),
        "network_managers": others,
        "configured_interfaces": managers.configured(others),
        "confirmed": _confirmed(),
        **_maintenance(),
        "checkpoint": checkpoint.armed(),
        "reverted": reverted and reverted._asdict(),
    }


def _confirmed() -> Optional[Dict[str, Any]]:
    """What the host has of its confirmed document, None where there is none that can be read."""
    try:
        found = confirmed.read(content(confirmed.DOCUMENT_FILE), confirmed.DOCUMENT_FILE)
    except FabricError:
        return None
    return {"at": found.at, "revision": found.content.get("revision")}


def _maintenance() -> Dict[str, Any]:
    """What the module `maintenance` returns; that of no maintenance for users who may not see it."""
    try:
        return record.as_result()
    except OSError:
        return {"maintenance": None}


def _distribution() -> Dict[str, Any]:
    """What /etc/os-release says (os-release(5))."""
    found = dict(re.findall(r"^(\w+)=[\"']?([^\"'\n]*)", content("/etc/os-release"), re.MULTILINE))
    return {
        "id": found.get("ID", ""),
        "version": found.get("VERSION_ID", ""),
        "like": found.get("ID_LIKE", "").split(),
        "name": found.get("PRETTY_NAME", "an unknown system"),
    }


def _frr_version() -> Optional[str]:
    """FRR's version as its first daemon names it, or None where FRR is not installed."""
    for daemon in filter(os.path.exists, ZEBRA):
        found = re.search(r"version (\d+(?:\.\d+)+)", output(daemon, "--version"))
        if found:
            return found.group(1)
    return None


def _has_module(name: str, release: str) -> bool:
    """Whether a module is loaded or built in."""
    built_in = content("/lib/modules/%s/modules.builtin" % release)
    return os.path.isdir("/sys/module/%s" % name.replace("-", "_")) or "/%s.ko" % name in built_in


def advertised_defaults(routes: str) -> List[str]:
    """Interfaces whose IPv6 default route comes from router advertisements, from the text of /proc/net/ipv6_route.

    The kernel drops these routes when it starts to forward, unless accept_ra is 2 (Documentation/networking/ip-sysctl.rst).
    """
    found = set()
    for line in routes.splitlines():
        fields = line.split()
        if (
            len(fields) == 10
            and fields[0] == "0" * 32
            and fields[1] == "00"
            and int(fields[8], 16) & FROM_ADVERTISEMENT == FROM_ADVERTISEMENT
        ):
            found.add(fields[9])
    return sorted(found)
