# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of buckets: one for each, out of a prefix. Private to this collection."""

from __future__ import annotations

import re
import socket
import struct
from typing import List, Optional

from .._core.errors import Problem, ValidationError

_PREFIX = re.compile(r"([0-9.]+)/([0-9]{1,2})\Z")
_BITS = 32


def vtep_addresses(prefix: Optional[str], buckets: int) -> List[str]:
    """The IPv4 address of each bucket, a list of str: the n-th address of a prefix such as ``192.0.2.0/26`` is bucket n's.

    Raises ValidationError if the text is not such a prefix, or if it has fewer addresses than there are buckets.
    """
    enough = _BITS - (buckets - 1).bit_length()
    found = _PREFIX.match(str(prefix))
    length = int(found[2]) if found else 0
    try:
        if found is None or not 1 <= length <= _BITS:
            raise OSError
        first = struct.unpack(">I", socket.inet_pton(socket.AF_INET, found[1]))[0]
    except OSError:
        remedy = f"Write an address and a length, such as 192.0.2.0/{enough}"
        raise ValidationError([Problem("vtep_prefix", f"{str(prefix)!r} is not an IPv4 prefix", remedy)]) from None
    count = 1 << (_BITS - length)
    if first % count:
        right = f"{_text(first - first % count)}/{length}"
        raise ValidationError([Problem("vtep_prefix", f"{prefix} has bits set behind its length", f"Write {right}")])
    if count < buckets:
        message = f"{prefix} has {count} addresses for {buckets} buckets"
        raise ValidationError([Problem("vtep_prefix", message, f"Write a prefix of length {enough} or less, or fewer buckets")])
    return [_text(first + bucket) for bucket in range(buckets)]


def _text(number: int) -> str:
    return socket.inet_ntop(socket.AF_INET, struct.pack(">I", number))
