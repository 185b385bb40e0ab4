# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in FRR's commands: found, and replaced wherever a text leaves the module. Pure. Private to this collection.

Sources: the FRR manual, and the ``*_vty.c`` and ``*_cli.c`` of each daemon, for every command that takes a key or a password.
"""

from __future__ import annotations

import difflib
import re
from typing import Iterable, Set

MASK = "********"

#: All that follows these words is secret. Other vendors' commands are here too: people paste them, and FRR's refusal names
#: them.
_SECRETS = re.compile(
    r"\b("
    r"(?:area-|domain-)?password(?: (?:8|clear|md5))?|"
    r"tcp-md5-auth|key-string|authentication-key|authentication string|"
    r"message-digest-key \d+ md5|hash-algo \S+ key|nhrp authentication|"
    r"snmp-server community|(?:pre-shared|server)[ -]key|"
    r"secret(?: \d+)?|psk|passphrase|md5"
    r") (?!\Z).*"
)
#: Words that a secret follows. A word that is nearly one of them is taken for it, mistyped.
_KEYWORDS = ("password", "authentication-key", "message-digest-key", "key-string", "tcp-md5-auth", "secret", "passphrase")
#: Words that look like them, and that FRR knows: nothing secret follows.
_INNOCENT = ("password-encryption", "authentication", "message-digest", "key-chain", "keychain")


def masked(line: str) -> str:
    """A line with its secrets replaced by :data:`MASK`."""
    return _SECRETS.sub(r"\1 " + MASK, line)


def masked_if_mistyped(line: str) -> str:
    """A line that FRR does not know, without what may be a secret behind a keyword that somebody mistyped."""
    words = masked(line).split(" ")
    for number, word in enumerate(words[:-1]):
        if word not in _INNOCENT and word not in _KEYWORDS and difflib.get_close_matches(word, _KEYWORDS, 1, 0.75):
            return " ".join([*words[: number + 1], MASK])
    return " ".join(words)


def secrets_of(lines: Iterable[str]) -> Set[str]:
    """The secrets in lines: a set of texts, such as the words that stand behind "password"."""
    found = set()
    for line in lines:
        match = _SECRETS.search(line)
        if match:
            found.add(line[match.end(1) + 1 :])
    return found


def without(text: str, secrets: Iterable[str]) -> str:
    """A text in which these secrets are replaced, wherever they stand as words of their own; FRR repeats them in its
    answers."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = re.sub(r"(?<!\S)%s(?!\S)" % re.escape(secret), MASK, text)
    return text
