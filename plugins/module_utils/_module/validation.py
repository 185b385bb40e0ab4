# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that a module has within another option. Private to this collection."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from .._core.errors import Problem, ValidationError
from .._core.schema import Keys, argument_spec
from .._core.typed import NotTypedError, completed


def validated(keys: Keys, given: Mapping[str, Any], path: str, remedy: str) -> Dict[str, Any]:
    """All options that ``keys`` declare. Raises :class:`ValidationError` with every problem, each at ``path``."""
    try:
        return completed(keys, given)
    except NotTypedError:
        from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

        found = ArgumentSpecValidator(argument_spec(keys)).validate(given)
        if found.error_messages:
            raise ValidationError([Problem(path, each, remedy) for each in found.error_messages]) from None
        return found.validated_parameters
