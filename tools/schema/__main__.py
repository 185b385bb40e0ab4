"""``python -m tools.schema`` writes all that follows from declarations; with ``--check`` it says what is not current."""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Iterator

import conftest  # noqa: F401  # pylint: disable=unused-import  # makes the collection importable under its own name

from . import filters, json_schema, modules, roles, tables

ROOT = pathlib.Path(__file__).parents[2]


def derived() -> Iterator[tuple[pathlib.Path, str]]:
    """Each derived file with the text that it should have."""
    for path in sorted(ROOT.glob("plugins/modules/[!_]*.py")):
        yield path, modules.derived(path)
    for path in sorted(ROOT.glob("plugins/filter/[!_]*.yml")):
        yield path, filters.derived(path)
    for role in sorted(roles.ROLES):
        specs = ROOT / "roles" / role / "meta/argument_specs.yml"
        yield specs, roles.argument_specs(specs)
        yield ROOT / "roles" / role / "defaults/main.yml", roles.defaults(role)
    yield ROOT / "schemas/inventory.json", json_schema.of_inventories()
    yield ROOT / "schemas/host_document.json", json_schema.of_host_documents()
    for page in (ROOT / "docs/data-model.md", ROOT / "docs/host-document.md"):
        yield page, tables.derived(page.read_text())


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools.schema", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if a file is not current")
    check = parser.parse_args().check
    outdated = [(path, text) for path, text in derived() if not path.exists() or path.read_text() != text]
    for path, text in outdated:
        print(f"{path.relative_to(ROOT)} {'is not current: run python -m tools.schema' if check else 'was written'}")
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    return 1 if check and outdated else 0


if __name__ == "__main__":
    sys.exit(main())
