"""What tenants of central networks lose while something happens: pings to the routers outside and back, all the time.

``python3 -m lab.losses INVENTORY SSH_CONFIG [--allowed N] -- COMMAND ...`` runs a command and prints what was lost meanwhile.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import pathlib
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from . import pings
from .topology import list_inventory

#: Seconds between two pings of a stream, and how long streams run before and after.
INTERVAL, MARGIN = 0.05, 3.0
REPLY = re.compile(r"\[(\d+\.\d+)\] \d+ bytes from \S+ icmp_seq=(\d+)")
SENT = re.compile(r"(\d+) packets transmitted")
#: It ends, with its summary, when its input does: the SSH connection then closes by itself.
SCRIPT = "ping -D -n -i {interval} {address} & read -r _; kill -INT $!; wait $!"


@dataclasses.dataclass(frozen=True)
class Loss:
    """What one stream lost: ``sent`` and ``lost`` are numbers of packets, ``longest`` ms without any answer."""

    source: str
    address: str
    sent: int
    lost: int
    longest: int


class Streams:
    """Pings in both directions between hosts of central networks and routers outside, until they are ended."""

    def __init__(self, listed: dict[str, Any], ssh_config: pathlib.Path):
        central = [tenant for tenant in pings.tenants(listed) if tenant.vrf == pings.CENTRAL]
        pairs = [(tenant, router) for tenant in central for router in pings.outside(listed)]
        pairs += [(router, tenant) for tenant, router in pairs]
        self.streams = [(source.name, address) for source, target in pairs for address in target.addresses]
        self.processes = [self._start(source, address, ssh_config) for source, address in self.streams]

    @staticmethod
    def _start(source: str, address: str, ssh_config: pathlib.Path) -> subprocess.Popen[str]:
        script = SCRIPT.format(interval=INTERVAL, address=address)
        return subprocess.Popen(
            ["ssh", "-F", str(ssh_config), source, script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def end(self) -> list[Loss]:
        """Ends all streams; returns what each lost."""
        for process in self.processes:
            assert process.stdin
            process.stdin.close()
        shown = [process.stdout.read() if process.stdout else "" for process in self.processes]
        for process in self.processes:
            process.wait()
        return [_loss(source, address, text) for (source, address), text in zip(self.streams, shown)]


def _loss(source: str, address: str, text: str) -> Loss:
    """What one ping's output says. Packets that were under way at the end are not lost."""
    replies = sorted({int(number): float(at) for at, number in reversed(REPLY.findall(text))}.items())
    sent = SENT.search(text)
    if not replies or sent is None:
        return Loss(source, address, int(sent[1]) if sent else 0, int(sent[1]) if sent else 0, 0)
    jumps = [(later - sooner, number - before - 1) for (before, sooner), (number, later) in zip(replies, replies[1:])]
    lost = replies[0][0] - 1 + sum(missing for _time, missing in jumps)
    trailing = int(sent[1]) - replies[-1][0]
    longest = max([seconds for seconds, missing in jumps if missing] + [trailing * INTERVAL if trailing * INTERVAL > 1 else 0])
    return Loss(source, address, int(sent[1]), lost + (trailing if trailing * INTERVAL > 1 else 0), round(1000 * longest))


@contextlib.contextmanager
def measured(listed: dict[str, Any], ssh_config: pathlib.Path) -> Iterator[list[Loss]]:
    """Streams around what happens inside; the list is filled at the end."""
    losses: list[Loss] = []
    streams = Streams(listed, ssh_config)
    try:
        time.sleep(MARGIN)
        yield losses
        time.sleep(MARGIN)
    finally:
        losses += streams.end()


def table(losses: list[Loss]) -> list[str]:
    """A line for each stream."""
    return [
        f"{loss.source:8} -> {loss.address:18} {loss.sent:5} sent, {loss.lost:4} lost"
        + (f", {loss.longest} ms without an answer" if loss.lost else "")
        for loss in losses
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="lab.losses", description=__doc__)
    parser.add_argument("inventory", type=pathlib.Path)
    parser.add_argument("ssh_config", type=pathlib.Path)
    parser.add_argument("--allowed", type=int, default=0, metavar="MS", help="how long a stream may go without an answer")
    parser.add_argument("argv", nargs=argparse.REMAINDER, metavar="COMMAND ...")
    arguments = parser.parse_args()
    command = arguments.argv[1:] if arguments.argv[:1] == ["--"] else arguments.argv
    with measured(list_inventory(arguments.inventory), arguments.ssh_config) as losses:
        code = subprocess.run(command, check=False).returncode
    print("\n".join(table(losses)))
    bad = [loss for loss in losses if loss.longest > arguments.allowed or loss.lost == loss.sent]
    return code or int(bool(bad) or not losses)


if __name__ == "__main__":
    sys.exit(main())
