# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit of systemd that restores a host at boot. Pure. Private to this collection."""

from __future__ import annotations

NAME = "evpn-fabric-restore.service"
#: Where an administrator's units are, and what starts this one (systemd.unit(5)).
PATH = "/etc/systemd/system/%s" % NAME
WANTED = "/etc/systemd/system/multi-user.target.wants/%s" % NAME

#: Programs that name, configure or rename interfaces. Each is waited for where it is part of the boot.
_BEFORE_US = (
    *("systemd-modules-load", "systemd-sysctl", "systemd-udevd", "systemd-udev-trigger", "systemd-udev-settle"),
    *("systemd-networkd", "NetworkManager", "networking", "cloud-init-local", "cloud-init", "cloud-init-network"),
)


def text(command: str) -> str:
    """The unit that runs a command. It may write nothing but settings of the network, /run, and what a checkpoint saves."""
    return _TEXT % {"command": command, "after": " ".join("%s.service" % name for name in _BEFORE_US)}


_TEXT = """\
# Written by evpn.fabric.
[Unit]
Description=Restore the data plane of the fabric (evpn.fabric)
ConditionPathExists=|/var/lib/evpn-fabric/document.json
ConditionPathExists=|/var/lib/evpn-fabric/checkpoint.json
After=%(after)s
Before=frr.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=%(command)s
TimeoutStartSec=300
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=/run /var/lib/evpn-fabric -/etc/frr
ProtectHome=yes
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
"""
