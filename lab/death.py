"""A host that dies without a word: its links stay up and carry nothing, so nobody tells the others.

``python3 -m lab.death SSH_CONFIG HOST SECONDS`` lets it happen to a host of a lab; it lives again after so many seconds.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys

#: It begins when the connection that brings it has ended.
SCRIPT = """
sleep 1
nft 'add table inet dead
     add chain inet dead in {{ type filter hook prerouting priority -400; policy drop; }}
     add chain inet dead out {{ type filter hook output priority -400; policy drop; }}'
sleep {seconds}
nft delete table inet dead
"""


def let_die(ssh_config: pathlib.Path, host: str, seconds: int) -> None:
    """Returns at once; a second later the host answers nobody, Ansible and SSH included, until ``seconds`` have passed."""
    # nohup's own input: what it starts must outlive a connection that dies as well.
    command = [
        "ssh",
        "-F",
        str(ssh_config),
        host,
        "nohup sh -s > /dev/null 2>&1 <<'END' &" + SCRIPT.format(seconds=seconds) + "END",
    ]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    let_die(pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
