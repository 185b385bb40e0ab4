"""The rules of the layout, held by the code itself."""

from __future__ import annotations

import ast
import pathlib
import re
import sys
from collections.abc import Sequence

import pytest
import yaml
from ansible_collections.evpn.fabric.plugins.module_utils._kernel.model.kinds import KINDS
from ansible_collections.evpn.fabric.plugins.module_utils._module import task

ROOT = pathlib.Path(__file__).parents[2]
UTILS = ROOT / "plugins/module_utils"

#: Layer -> the layers it may import from. A file belongs to the longest of these that its path begins with.
ALLOWED = {
    "_engine": set(),
    "_core": set(),
    "_gateway": {"_core"},
    "_kernel/model": {"_core"},
    "_kernel/plan": {"_core", "_kernel/model"},
    "_kernel/nftables": {"_core", "_kernel/model"},
    "_kernel/netlink": {"_core", "_kernel/model", "_kernel/nftables"},
    "_kernel": {"_core", "_kernel/model", "_kernel/plan", "_kernel/netlink", "_kernel/nftables"},
    "_frr": {"_core", "_gateway"},
    "_store": {"_core", "_engine"},
}
ALLOWED["_host"] = {*ALLOWED["_kernel"], "_kernel", "_gateway", "_frr", "_store"}
ALLOWED["_rehearsal"] = {*ALLOWED["_host"], "_host"}
ALLOWED["_module"] = {*ALLOWED["_rehearsal"], "_rehearsal"}
PURE = ("_gateway", "_kernel/model", "_kernel/plan")
PURE_MODULES = {"__future__", "dataclasses", "typing", "re", "socket", "collections", "functools", "itertools", "operator"}
PURE_MODULES |= {"bisect", "contextlib", "difflib", "shlex", "hashlib", "ipaddress", "math", "struct", "json"}


def layer_of(parts: Sequence[str]) -> str:
    """The layer of a file or package below module_utils, by the parts of its path."""
    return max((layer for layer in ALLOWED if tuple(layer.split("/")) == tuple(parts[: layer.count("/") + 1])), key=len)


def layer_of_file(path: pathlib.Path) -> str:
    return layer_of(path.relative_to(UTILS).with_suffix("").parts)


def imports_of(path: pathlib.Path) -> set[tuple[str, str]]:
    """What a file imports: ("own", layer) or ("other", top-level package)."""
    found = set()
    package = path.relative_to(UTILS).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {("other", alias.name.split(".")[0]) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            target = [*base, *(node.module.split(".") if node.module else [alias.name for alias in node.names])]
            found.add(("own", layer_of(target)))
        elif isinstance(node, ast.ImportFrom):
            found.add(("other", (node.module or "").split(".")[0]))
    return found


FILES = [path for path in sorted(UTILS.rglob("*.py")) if path.name != "__init__.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(UTILS)))
def test_imports_go_downward_only(path: pathlib.Path) -> None:
    layer = layer_of_file(path)
    above = {name for kind, name in imports_of(path) if kind == "own"} - ALLOWED[layer] - {layer}
    assert not above, f"{layer} must not import from {above}"


def is_pure(path: pathlib.Path) -> bool:
    """Whether a file is in a pure layer, or says of itself that it is pure."""
    words = " ".join((ast.get_docstring(ast.parse(path.read_text())) or "").split())
    return layer_of_file(path) in PURE or " Pure. " in words


@pytest.mark.parametrize("path", [path for path in FILES if is_pure(path)], ids=lambda path: path.name)
def test_pure_layers_use_the_standard_library_without_io(path: pathlib.Path) -> None:
    others = {name for kind, name in imports_of(path) if kind == "other"}
    assert others <= PURE_MODULES, f"{others - PURE_MODULES} in a pure layer"
    assert "socket.socket" not in path.read_text()


def modules_of(path: pathlib.Path) -> tuple[set[pathlib.Path], set[str]]:
    """The files of the collection that a file imports, and the names of other packages."""
    own, others = set(), set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            names = [base / alias.name for alias in node.names] if base.is_dir() else [base]
            own |= {name.with_suffix(".py") for name in names}
        elif isinstance(node, ast.ImportFrom):
            others.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Import):
            others |= {alias.name.split(".")[0] for alias in node.names}
    return own, others


def test_the_planner_of_gateways_reaches_no_input_or_output() -> None:
    waiting, seen = {UTILS / "_host/gateway/plan.py"}, set()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        own, others = modules_of(path)
        assert others <= PURE_MODULES, f"{path}: {others - PURE_MODULES}"
        waiting |= own - seen
    assert UTILS / "_kernel/plan/plan.py" in seen, "this test would not see what it imports"


@pytest.mark.parametrize(
    "name",
    [
        "model/kind.py",
        "model/document.py",
        "netlink/codec.py",
        "netlink/kernel.py",
    ],
)
def test_what_is_the_same_for_every_kind_names_none(name: str) -> None:
    tree = ast.parse((UTILS / "_kernel" / name).read_text())
    told = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    named = told & KINDS.keys()
    assert not named, f"{named} belongs into the file of that kind"


def sent_with(module: str) -> set[pathlib.Path]:
    """The files of module_utils that Ansible sends with a module: all that is imported anywhere, in functions, too."""
    start = re.findall(
        r"^from ansible_collections\S+?\.module_utils\.(\S+) import",
        (ROOT / f"plugins/modules/{module}.py").read_text(),
        re.MULTILINE,
    )
    waiting = {UTILS.joinpath(*name.split(".")).with_suffix(".py") for name in start} | {UTILS / "_engine.py"}
    seen: set[pathlib.Path] = set()
    while waiting:
        seen |= waiting
        waiting = {own for path in waiting for own in modules_of(path)[0]} - seen
    return seen


def test_the_engine_has_every_file_because_fabric_host_is_sent_with_all() -> None:
    assert not set(FILES) - sent_with("fabric_host"), "_module/task.has_all names what the engine would not have"


@pytest.mark.parametrize("module", ["dataplane", "vxlan", "routes"])
def test_a_module_of_the_kernel_is_sent_without_the_other_planes(module: str) -> None:
    sent = sent_with(module)
    assert UTILS / "_kernel/plane.py" in sent, "this test would not see what it imports"
    assert not {path for path in sent if layer_of_file(path) in ("_gateway", "_store") or path == UTILS / "_frr/plane.py"}


def test_the_engine_runs_each_module_that_has_an_action() -> None:
    # The action of host_document runs fabric_host.
    assert {path.stem for path in (ROOT / "plugins/action").glob("*.py")} - {"host_document"} == set(task.MODULES)


def test_only_one_file_imports_pyroute2() -> None:
    users = [path.name for path in FILES if ("other", "pyroute2") in imports_of(path)]
    assert users == ["pyroute2_bridge.py"]


def test_pure_layers_are_found_by_this_test() -> None:
    assert {layer_of_file(path) for path in FILES} == set(ALLOWED)


def test_the_standard_library_is_what_pure_modules_name() -> None:
    assert PURE_MODULES - {"__future__"} <= set(sys.stdlib_module_names)


def test_action_group_names_every_module() -> None:
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())
    modules = {path.stem for path in (ROOT / "plugins/modules").glob("*.py")}
    assert set(runtime["action_groups"]["all"]) == modules


@pytest.mark.parametrize("role", sorted(path.name for path in (ROOT / "roles").iterdir()))
def test_each_role_documents_its_inputs(role: str) -> None:
    directory = ROOT / "roles" / role
    assert (directory / "README.md").exists()
    options = yaml.safe_load((directory / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    defaults = yaml.safe_load((directory / "defaults/main.yml").read_text()) or {}
    assert set(defaults) <= set(options)
    assert {name for name, option in options.items() if not option.get("required")} == set(defaults)
    assert all(name.startswith(f"{role}_") for name in options)


@pytest.mark.parametrize("path", sorted((ROOT / "roles").rglob("*.yml")), ids=str)
def test_no_role_reads_inventories(path: pathlib.Path) -> None:
    assert "inventories" not in path.read_text()
