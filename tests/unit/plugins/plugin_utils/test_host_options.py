"""What `fabric_host` is given in the playbook `site`."""

from __future__ import annotations

import json
import pathlib
import re
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.evpn.fabric.plugins.plugin_utils._host_options import LIMITS, frr_section, host_options

ROLE = pathlib.Path(__file__).parents[4] / "roles/host"
DOCUMENT = {"kernel": {"purge": True}, "system": {"rules": [{"priority": 32000}]}}
FRR = {"config": "hostname leaf1\n", "daemons": ["bgpd"]}
#: What a task on leaf1 sees, of five hosts that are changed four at a time.
VARIABLES: dict[str, Any] = {
    "inventory_hostname": "leaf1",
    "ansible_play_batch": ["leaf1", "leaf2", "leaf3", "leaf4", "leaf5"],
    "ansible_forks": 4,
    "__host_info": {"advertised_default_interfaces": ["eth0"]},
    "__fabric_intent": {
        "documents": {"leaf1": json.dumps(DOCUMENT), "leaf2": "{}"},
        "frr": {"leaf1": json.dumps(FRR), "leaf2": "{}"},
        "revisions": {"leaf1": "5c1f", "leaf2": "0000"},
    },
}


def template(value: Any) -> Any:
    """Resolves the one template of these tests."""
    return {"{{ mine }}": "session"}.get(value, value) if isinstance(value, str) else value


def options(**changed: Any) -> dict[str, Any]:
    return host_options({**VARIABLES, **changed}, template)


def test_a_host_of_which_nothing_is_said_gets_what_the_role_gives_by_default() -> None:
    defaults = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
    found = options()
    kernel = json.loads(found.pop("kernel"))
    assert kernel["purge"] and kernel["rules"] == [*defaults["host_rules"], {"priority": 32000}]
    assert kernel["sysctls"] == {"net/ipv6/conf/eth0/accept_ra": 2, **defaults["host_sysctls"]}
    assert found == {
        "frr": {**FRR, "keep": []},
        "max_disruption": "daemon",
        "persist": True,
        "confirm_timeout": 70,
        "revision": "5c1f",
    }


def test_what_variables_say_counts_also_as_text_and_as_a_template() -> None:
    found = options(
        fabric_boot="no",
        fabric_confirm_timeout="0",
        frr_keep="password, line vty",
        host_sysctls='{"a": 1}',
        host_rules=[],
        frr_max_disruption="{{ mine }}",
    )
    kernel = json.loads(found["kernel"])
    assert kernel["sysctls"] == {"net/ipv6/conf/eth0/accept_ra": 2, "a": 1} and kernel["rules"] == [{"priority": 32000}]
    assert found["frr"]["keep"] == ["password", "line vty"]
    assert (found["max_disruption"], found["persist"], found["confirm_timeout"]) == ("session", False, 0)


@pytest.mark.parametrize("name", LIMITS)
def test_the_strictest_limit_counts_whichever_variable_says_it(name: str) -> None:
    others = {other: "link" for other in LIMITS if other != name}
    assert options(**{name: "hitless"}, **others)["max_disruption"] == "hitless"


def test_the_role_host_knows_the_same_limits() -> None:
    variables = yaml.safe_load((ROLE / "vars/main.yml").read_text())
    assert set(re.findall(r"\w+_max_disruption", variables["__host_limit"])) == set(LIMITS)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"host_max_disruption": "none"}, "max_disruption is none. Write one of"),
        ({"fabric_boot": "perhaps"}, "fabric_boot: 'perhaps' is not true or false"),
        ({"fabric_confirm_timeout": "1h"}, "fabric_confirm_timeout: '1h' is not a number of seconds"),
        ({"host_sysctls": "many"}, "host_sysctls: 'many' is not a mapping"),
    ],
)
def test_a_variable_that_is_wrong_is_refused_by_its_name(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=re.escape(message)):
        options(**wrong)


def test_what_is_kept_of_frr_is_given_as_a_list_or_as_text() -> None:
    expected = {**FRR, "keep": ["password", "line vty"]}
    assert frr_section(FRR, ["password", "line vty"]) == expected
    assert frr_section(json.dumps(FRR), "password, line vty") == expected
