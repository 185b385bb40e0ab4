"""A connection to hosts that are there in name only: each answers at once that nothing is to be done.

What a playbook takes with it is the controller's own time: templating, starting a process for each task, sending the module,
reading and keeping its result.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ansible.plugins.connection import ConnectionBase
from ansible.utils.display import Display

DOCUMENTATION = """
name: at_once
short_description: Hosts that answer at once
extends_documentation_fragment: connection_pipelining
"""

#: The module's name in what Ansible sends: a program of Python, or options for the engine that a host keeps.
MODULE = re.compile(rb"\bmodules\.([a-z_]+)\b|^\{\"module\": \"([a-z_]+)\"")
#: What modules say besides that they have changed nothing: a host that has all that the fabric needs.
RESULTS: dict[str, dict[str, Any]] = {
    "host_info": {
        "distribution": {"id": "debian", "version": "13", "name": "Debian GNU/Linux 13 (trixie)", "like": []},
        "kernel": "6.12.48+deb13-amd64",
        "frr_version": "10.3",
        "pyroute2": True,
        "missing_kernel_modules": [],
        "modules_load": "",
        "default_route_interfaces": ["eth0"],
        "advertised_default_interfaces": [],
        "network_managers": {},
        "configured_interfaces": [],
    },
    "ping": {"ping": "pong"},
}
#: What a host with tunnels loads at boot.
MODULES_LOAD = "bridge\nvxlan\nvrf\n"


class Connection(ConnectionBase):
    """Ansible's entry point."""

    transport = "at_once"
    has_pipelining = True

    def _connect(self) -> Connection:
        return self

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        found = MODULE.search(in_data or b"")
        if found is None:
            raise NotImplementedError(f"at_once takes modules through a pipe only, and not {cmd!r}")
        name, host = (found[1] or found[2]).decode(), self._play_context.remote_addr
        Display().vvv(f"AT_ONCE: EXEC {name}", host=host)
        result = {"changed": False, **RESULTS.get(name, {})}
        if "modules_load" in result and not host.startswith("spine"):
            result["modules_load"] = MODULES_LOAD
        return 0, json.dumps(result).encode(), b""

    def put_file(self, in_path: str, out_path: str) -> None:
        raise NotImplementedError(f"at_once takes no files, and not {in_path}")

    def fetch_file(self, in_path: str, out_path: str) -> None:
        raise NotImplementedError(f"at_once has no files, and not {in_path}")

    def close(self) -> None:
        """There is nothing to close."""
