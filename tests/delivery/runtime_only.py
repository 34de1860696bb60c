"""Imports all of the services where only what requirements/runtime.txt has can be imported, as in the image.

Ends with an error at the first module that needs more.
"""

import asyncio
import importlib
import pkgutil
import re
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class Absent(MetaPathFinder):
    """Finds nothing of distributions that are not installed in the image."""

    def __init__(self) -> None:
        locked = (ROOT / "requirements" / "runtime.txt").read_text()
        here = {plain(name) for name in re.findall(r"^([\w.-]+)==", locked, re.MULTILINE)}
        self._absent = {
            module
            for module, names in packages_distributions().items()
            if here.isdisjoint(plain(name) for name in names)
        }

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] in self._absent:
            raise ModuleNotFoundError(f"{name} is not in requirements/runtime.txt", name=name)
        return None


async def asynchronous() -> int:
    """SQLAlchemy looks for greenlet only here."""
    from sqlalchemy.util import greenlet_spawn

    return int(await greenlet_spawn(lambda: 1))


sys.meta_path.insert(0, Absent())
for package in ("backend", "listener"):
    for one in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
        if not one.name.endswith("__main__") and ".migrations." not in one.name:
            importlib.import_module(one.name)
asyncio.run(asynchronous())
print("all there")
