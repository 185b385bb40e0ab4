"""What tenants of central networks lose while something happens: pings to the routers outside and back, all the time.

``python3 -m lab.losses INVENTORY SSH_CONFIG -- COMMAND ...`` runs a command and prints what was lost meanwhile; it fails if
anything was.
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

#: Seconds between two pings of a stream, how long streams run before and after, and how old the last packets are that may still
#: be under way when a stream ends.
INTERVAL, MARGIN, UNDER_WAY = 0.05, 3.0, 0.5
REPLY = re.compile(r"\[(\d+\.\d+)\] \d+ bytes from \S+ icmp_seq=(\d+)")
SENT = re.compile(r"(\d+) packets transmitted")
#: Seconds that a stream's first packet may take; later its stream begins all the same, and what is not answered is lost.
PATIENCE = 30
#: It says when it begins, and ends, with its summary, when its input does: the SSH connection then closes by itself. What was
#: answered is told only then: a line sent for each answer would keep a slow machine busier than the packets do.
SCRIPT = """
ping -q -n -c 1 -w {patience} {address} > /dev/null
told=$(mktemp)
ping -D -n -i {interval} {address} > $told &
echo begun
read -r _
# A shell's child ignores the signal until it has become ping and asked for it.
while kill -INT $! 2> /dev/null; do sleep 0.1; done
cat $told
rm $told
"""


@dataclasses.dataclass(frozen=True)
class Loss:
    """What one stream lost: ``sent`` and ``lost`` are numbers of packets, ``longest`` ms without any answer."""

    source: str
    address: str
    sent: int
    lost: int
    longest: int


class Streams:
    """Pings in both directions between hosts of central networks and routers outside, from now on until they are ended.

    They are of the families in which both have addresses.
    """

    def __init__(self, listed: dict[str, Any], ssh_config: pathlib.Path):
        central = [tenant for tenant in pings.tenants(listed) if tenant.vrf == pings.CENTRAL]
        pairs = [(tenant, router) for tenant in central for router in pings.outside(listed)]
        pairs += [(router, tenant) for tenant, router in pairs]
        self.streams = [
            (source.name, address)
            for source, target in pairs
            for address in target.addresses
            if (":" in address) in {":" in own for own in source.addresses}
        ]
        self.processes = [self._start(source, address, ssh_config) for source, address in self.streams]
        # On a slow machine SSH connections take seconds; one that fails ends its output, and its stream has sent nothing.
        for process in self.processes:
            assert process.stdout
            process.stdout.readline()

    @staticmethod
    def _start(source: str, address: str, ssh_config: pathlib.Path) -> subprocess.Popen[str]:
        script = SCRIPT.format(interval=INTERVAL, address=address, patience=PATIENCE)
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
        return [read(source, address, text) for (source, address), text in zip(self.streams, shown)]


def read(source: str, address: str, text: str) -> Loss:
    """What one ping's output says. Packets that were under way at the end are not lost."""
    replies = sorted({int(number): float(at) for at, number in reversed(REPLY.findall(text))}.items())
    sent = SENT.search(text)
    if not replies or sent is None:
        unanswered = int(sent[1]) if sent else 0
        return Loss(source, address, unanswered, unanswered, round(1000 * INTERVAL * unanswered))
    # The times of the first packet and of the one after the last stand for answers, so that what is lost there counts too.
    first, last = replies[0], replies[-1]
    trailing = int(sent[1]) - last[0]
    ends = [(int(sent[1]) + 1, last[1] + (trailing + 1) * INTERVAL)] if trailing * INTERVAL > UNDER_WAY else []
    answered = [(0, first[1] - first[0] * INTERVAL), *replies, *ends]
    gaps = [(later - sooner, after - before - 1) for (before, sooner), (after, later) in zip(answered, answered[1:])]
    longest = max((seconds for seconds, missing in gaps if missing), default=0)
    return Loss(source, address, int(sent[1]), sum(missing for _seconds, missing in gaps), round(1000 * longest))


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
        + (f", {loss.longest} ms without an answer" if loss.longest else "")
        for loss in losses
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="lab.losses", description=__doc__)
    parser.add_argument("inventory", type=pathlib.Path)
    parser.add_argument("ssh_config", type=pathlib.Path)
    parser.add_argument("argv", nargs=argparse.REMAINDER, metavar="COMMAND ...")
    arguments = parser.parse_args()
    command = arguments.argv[1:] if arguments.argv[:1] == ["--"] else arguments.argv
    with measured(list_inventory(arguments.inventory), arguments.ssh_config) as losses:
        code = subprocess.run(command, check=False).returncode
    print("\n".join(table(losses)))
    return code or int(not losses or any(loss.lost or not loss.sent for loss in losses))


if __name__ == "__main__":
    sys.exit(main())
