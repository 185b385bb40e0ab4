"""What a ping's output says about loss."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lab.losses import INTERVAL, Loss, read


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
