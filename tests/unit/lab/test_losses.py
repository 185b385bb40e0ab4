"""What a ping's output says about loss."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence

import pytest

from lab.losses import INTERVAL, SCRIPT, Loss, read


def output(sent: int, *lost: int) -> str:
    """What ping -D -n prints of so many packets, the first at 100 s, some of which (from 1 on) are not answered."""
    replies = [
        f"[{100 + (number - 1) * INTERVAL:.6f}] 64 bytes from 10.1.0.11: icmp_seq={number} ttl=64 time=1.0 ms"
        for number in range(1, sent + 1)
        if number not in lost
    ]
    return "\n".join([*replies, "", f"{sent} packets transmitted, {sent - len(lost)} received"])


@pytest.mark.parametrize(
    ("lost", "longest"),
    [
        ((), 0),
        ((50,), 100),
        ((10, 11, 12, 90), 200),
        ((1, 2, 3), 200),
        (tuple(range(81, 101)), 1050),
        (tuple(range(1, 101)), 5000),
    ],
    ids=["none", "one", "two gaps", "the first ones", "the last ones", "all"],
)
def test_what_is_lost_is_counted_wherever_it_is(lost: Sequence[int], longest: int) -> None:
    assert read("web1", "10.1.0.11", output(100, *lost)) == Loss("web1", "10.1.0.11", 100, len(lost), longest)


def test_packets_that_are_under_way_at_the_end_are_not_lost() -> None:
    assert read("web1", "10.1.0.11", output(100, 99, 100)).lost == 0


def test_a_stream_that_never_began_has_sent_nothing() -> None:
    assert read("web1", "10.1.0.11", "") == Loss("web1", "10.1.0.11", 0, 0, 0)


def test_a_stream_ends_although_its_end_comes_before_its_ping_has_started(tmp_path: pathlib.Path) -> None:
    slow = tmp_path / "ping"
    slow.write_text(f'#!/bin/sh\nsleep 1\nexec {shutil.which("ping")} "$@"\n')
    slow.chmod(0o755)
    script = SCRIPT.format(interval=INTERVAL, address="127.0.0.1", patience=1)
    with subprocess.Popen(
        ["bash", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        start_new_session=True,
        text=True,
    ) as stream:
        assert stream.stdout
        try:
            assert stream.stdout.readline() == "begun\n"
            time.sleep(0.3)
            shown, _errors = stream.communicate(timeout=20)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(stream.pid, signal.SIGKILL)
    assert read("web1", "127.0.0.1", shown).lost == 0
