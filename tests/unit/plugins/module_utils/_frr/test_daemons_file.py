"""What FRR's daemons file says."""

from __future__ import annotations

import pytest
from ansible_collections.evpn.fabric.plugins.module_utils._frr import daemons_file

# daemon_list of FRR's tools/frrcommon.sh starts what is neither empty nor "no" nor "0"; the file is one for a shell.
DAEMONS = """# bgpd=yes is a comment
bgpd=no
ospfd=yes
ospfd=no
isisd="yes"  # quotes and comments
bfdd='1'
pimd=0
ripd=
vtysh_enable=yes
zebra_options="  -A 127.0.0.1 -s 90000000"
FRR_NO_ROOT=yes
"""


def test_daemons_are_enabled_as_a_shell_reads_the_file() -> None:
    assert daemons_file.enabled(DAEMONS) == {"isisd", "bfdd"}


@pytest.mark.parametrize("text", [DAEMONS, "", "bgpd=no", "# bgpd=yes"])
def test_daemons_that_are_written_into_the_file_are_enabled_besides(text: str) -> None:
    written = daemons_file.with_daemons(text, ["bgpd", "ospfd"])
    assert daemons_file.enabled(written) == daemons_file.enabled(text) | {"bgpd", "ospfd"}
