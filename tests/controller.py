"""The playbooks of a fabric's life with some release of ansible-core, on a lab that is in nobody's way.

``python -m tests.controller ANSIBLE_PLAYBOOK INVENTORY``: ``site`` brings the inventory's hosts up, finds nothing to change
when it runs again, ``verify`` is content, and the page of ``report`` says the same and what ``site`` did. Ansible may announce
nothing that it is about to withdraw.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from lab import __main__ as lab
from lab import image, topology
from tests.namespaces import enclosed

#: Says that this process is in the namespaces already.
INSIDE = "EVPN_CONTROLLER_INSIDE"


def main() -> int:
    ansible_playbook, inventory = sys.argv[1:]
    if INSIDE in os.environ:
        return _try(ansible_playbook, pathlib.Path(inventory))
    for name in sorted({node.image for node in topology.read(pathlib.Path(inventory)).nodes}):
        image.build(name, lab.STATE / "images")  # while there is a network
    with tempfile.TemporaryDirectory(prefix="evpn-controller-") as state:
        pathlib.Path(state, "images").symlink_to(lab.STATE / "images")
        command = enclosed(sys.executable, "-m", "tests.controller", ansible_playbook, inventory)
        return subprocess.run(command, check=False, env={**os.environ, INSIDE: "1", "EVPN_LAB": state}).returncode


def _try(ansible_playbook: str, inventory: pathlib.Path) -> int:
    name = lab.STATE.name.replace("-", "")
    variables = {
        "ansible_ssh_common_args": f"-F {lab.STATE}/labs/{name}/ssh_config",
        "ansible_host": "{{ inventory_hostname }}." + name,
    }
    lab.up(name, inventory)
    try:
        for playbook, unwanted in (("site", None), ("site", r"changed=[1-9]"), ("verify", None), ("report", None)):
            shown = _play(ansible_playbook, f"evpn.fabric.{playbook}", "-i", str(inventory), "-e", json.dumps(variables))
            for pattern in filter(None, (unwanted, r"\[DEPRECATION WARNING\]")):
                if re.search(pattern, shown):
                    raise SystemExit(f"{playbook} must not have said what matches {pattern}")
        _read_page(lab.STATE / "evpn-fabric/report.html")
    finally:
        lab.down(name)
    return 0


def _read_page(page: pathlib.Path) -> None:
    """Sees that all is well on the page, and that it tells of one run. Raises ``SystemExit``."""
    tables = json.loads(page.read_text().partition('id="tables">')[2].partition("</script>")[0])
    bad = [value for table in tables.values() for column in table["values"] for value in column if str(value).startswith("✗")]
    runs = dict(zip(tables["runs"]["columns"], tables["runs"]["values"]))
    if bad or not tables["hosts"]["size"] or len(runs["Time"]) != 1 or set(runs["Playbook"]) != {"evpn.fabric.site"}:
        raise SystemExit(f"the page tells of trouble or of other runs than one of site: {bad} {runs}")


def _play(*command: str) -> str:
    """What a playbook says, which is shown as well. Raises ``SystemExit`` where it fails."""
    environment = {**os.environ, "ANSIBLE_HOME": str(lab.STATE), "XDG_STATE_HOME": str(lab.STATE)}
    done = subprocess.run(command, check=False, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(done.stdout, flush=True)
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
