"""Makes the collection importable under its own name from a checkout of any name."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).parent
COLLECTIONS = ROOT / ".build" / "importable"


def _make_importable():
    link = COLLECTIONS / "ansible_collections" / "evpn" / "fabric"
    if not link.exists():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(ROOT, target_is_directory=True)
    sys.path.insert(0, str(COLLECTIONS))
    sys.path.insert(0, str(ROOT))


_make_importable()
