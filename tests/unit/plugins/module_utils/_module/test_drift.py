"""The modules of drift and the engine that hosts keep."""

from __future__ import annotations

import ast
import pathlib

PLUGINS = pathlib.Path(__file__).parents[5] / "plugins"
START = "ansible_collections.evpn.fabric.plugins."


def sent(module: str) -> set[pathlib.Path]:
    """The files of module_utils that Ansible sends with a module."""
    waiting, seen = {PLUGINS / f"modules/{module}.py"}, set()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ImportFrom):
                continue
            if node.level:
                base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            elif (node.module or "").startswith(START):
                base = PLUGINS.joinpath(*(node.module or "")[len(START) :].split("."))
            else:
                continue
            for found in (base.with_suffix(".py"), *((base / alias.name).with_suffix(".py") for alias in node.names)):
                waiting |= {found} - seen if found.exists() else set()
    return {path for path in seen if "module_utils" in path.parts}


def test_the_engine_has_all_that_drift_info_needs_so_that_nothing_is_compiled_on_each_run() -> None:
    assert len(sent("drift_info")) > 50, "this test would not see what it imports"
    assert sent("drift_info") <= sent("fabric_host")
