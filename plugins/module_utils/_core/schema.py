# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declaration of a key: what an input may have there, in one place. Private to this collection.

Options of modules (`_module/options`) and variables of an inventory (`plugin_utils/_schema`) are mappings of names to
:class:`Key`. Readers take types, bounds and defaults from them, modules their argument specs; `python -m tools.schema` writes
the documentation and the JSON schema.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple, Union

#: The release in which a key came, where it does not say so itself.
FIRST_RELEASE = "0.1.0"


class Key(NamedTuple):
    """A key of a mapping.

    ``type`` and ``elements`` are Ansible's names of types. ``description`` is a sentence or several, in Ansible's markup.
    ``default`` is what a reader takes where the key is missing; ``otherwise`` says in words what happens then, where no value
    can. ``minimum`` and ``maximum`` are both included, and are those of each element where there are ``elements``. ``what`` is
    what a value is, with its article, for messages. ``allowed`` says in words what bounds do not. ``options`` are the keys of a
    mapping, or of each mapping in a list. ``one`` is for a list that may be written as its only element. A ``secret`` is never
    shown.
    """

    type: str
    description: Union[str, Tuple[str, ...]]
    default: Any = None
    required: bool = False
    choices: Tuple[Any, ...] = ()
    minimum: Optional[float] = None
    maximum: Optional[float] = None
    what: str = ""
    allowed: str = ""
    otherwise: str = ""
    elements: str = ""
    options: Optional[Mapping[str, Any]] = None
    one: bool = False
    aliases: Tuple[str, ...] = ()
    secret: bool = False
    version_added: str = FIRST_RELEASE

    def argument(self) -> Dict[str, Any]:
        """The key in an argument spec of AnsibleModule."""
        found: Dict[str, Any] = {"type": self.type}
        if self.required:
            found["required"] = True
        if self.default is not None:
            found["default"] = list(self.default) if isinstance(self.default, tuple) else self.default
        if self.choices:
            found["choices"] = list(self.choices)
        if self.elements:
            found["elements"] = self.elements
        if self.options is not None:
            found["options"] = argument_spec(self.options)
        if self.aliases:
            found["aliases"] = list(self.aliases)
        if self.secret:
            found["no_log"] = True
        return found


Keys = Mapping[str, Key]


def argument_spec(keys: Keys) -> Dict[str, Any]:
    """Keys as an argument spec of AnsibleModule."""
    return {name: key.argument() for name, key in keys.items()}


def listed(keys: Keys, description: Union[str, Tuple[str, ...]], **more: Any) -> Key:
    """A list of mappings."""
    return Key("list", description, elements="dict", options=keys, **more)
