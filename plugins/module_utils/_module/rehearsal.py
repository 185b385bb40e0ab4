# Copyright: evpn.fabric contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module gateway_rehearsal. Private to this collection."""

from __future__ import annotations

import os
from typing import Any, Iterator, List, Mapping, Sequence

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .._core.errors import FabricError, Problem, ValidationError
from .._rehearsal.rehearsal import Request, rehearse, table
from .._rehearsal.scene import Gateway
from .arguments import DATAPLANE


def run(module: AnsibleModule) -> None:
    """Rehearses, and ends the module."""
    params = module.params
    try:
        gateways = tuple(_gateways(params["gateways"]))
        names = [each.name for each in gateways]
        request = Request(
            gateways=gateways,
            kill=tuple(names if params["kill"] is None else params["kill"]),
            standbys=tuple(params["standbys"]),
            drain=tuple(names[:1] if params["drain"] is None else params["drain"]),
            sample=params["sample"],
            interval=params["interval"] / 1000,
            settle=params["settle"],
            takeover=params["takeover"],
            repeat=params["repeat"],
            limit=params["time_limit"],
        )
        if os.geteuid() != 0:
            raise FabricError("a rehearsal needs root for its namespaces: add become: true to the play or task")
        trials = [] if module.check_mode else rehearse(request)
    except FabricError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, trials=trials, table=table(trials))


def _gateways(entries: Sequence[Mapping[str, Any]]) -> Iterator[Gateway]:
    """The gateways, their documents checked as the module dataplane checks them. Raises :class:`ValidationError`."""
    validator = ArgumentSpecValidator(DATAPLANE)
    problems: List[Problem] = []
    for entry in entries:
        checked = validator.validate(entry["dataplane"])
        path = "gateways.%s.dataplane" % entry["name"]
        problems += [Problem(path, message, "Correct the document") for message in checked.error_messages]
        yield Gateway(entry["name"], checked.validated_parameters, entry["frr"], entry["options"])
    if problems:
        raise ValidationError(problems)
