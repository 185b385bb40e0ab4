# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pyroute2 does for us: entering network namespaces. Its only importer.

It is imported where a namespace is entered, because that takes longer than a whole run with nothing to do; nothing else needs
it to be installed. Private to this collection.
"""

from __future__ import annotations

from importlib.util import find_spec

from ..._core.errors import FabricError

#: The oldest version that is tested: the one in Debian 12.
MINIMUM = (0, 7, 2)
PACKAGES = "python3-pyroute2 (Debian and Ubuntu: apt install python3-pyroute2; Fedora and EPEL: dnf install python3-pyroute2)"


def enter_namespace(name: str) -> None:
    """Moves this process into the network namespace ``name``, as ``ip netns`` lists it.

    Raises :class:`FabricError` if there is none of that name, and where pyroute2 is not installed.
    """
    if find_spec("pyroute2") is None:
        raise FabricError(
            "netns: entering a network namespace needs the Python library pyroute2 (%s or newer), which is missing on this "
            "host. Install the package %s" % (".".join(map(str, MINIMUM)), PACKAGES)
        )
    from pyroute2 import netns

    if name not in netns.listnetns():
        raise FabricError("the network namespace %s does not exist; `ip netns` lists those that do" % name)
    netns.setns(name)
