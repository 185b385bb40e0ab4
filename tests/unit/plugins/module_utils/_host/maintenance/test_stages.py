"""How long maintenance lasts, as it is written."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._core.errors import ValidationError
from ansible_collections.evpn.fabric.plugins.module_utils._host.maintenance.stages import seconds


@pytest.mark.parametrize(("text", "expected"), [("60s", 60), ("1m", 60), ("90m", 5400), ("2h", 7200), ("7d", 604800)])
def test_a_duration_is_a_number_and_a_unit(text: str, expected: int) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["59s", "8d", "169h", "2", "two hours", "-1h", "0m", "1.5h", "2h\n", ""])
def test_a_duration_that_is_none_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        seconds(text)
    assert str(refused.value) == (
        f"expiry: {text!r} is not a duration from 60 seconds to 7 days. Write a number and a unit, such as 90m, 2h or 1d."
    )
