"""Notices that the registry file changed. What cannot be used is said once, and the registry in force stays."""

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from listener.chain.registry import Registry, RegistryError, read_registry, registry_of

log = structlog.get_logger("registry")

_LOOK_EVERY = 1.0  # seconds between looks at the file


@dataclass(frozen=True)
class Reading:
    """A usable registry and the hash of the file it was read from."""

    registry: Registry
    digest: bytes


class RegistryWatch:
    """A registry file and what is in force of it; raises RegistryError where it cannot be used at first.

    What `look` and `changed` return is returned again until it is given to `use` or `refuse`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._in_force = _read(path)
        self._refused = b""
        self._look_now = asyncio.Event()

    @property
    def registry(self) -> Registry:
        """The registry in force."""
        return self._in_force.registry

    def look_soon(self) -> None:
        """Do not wait for the next look (SIGHUP)."""
        self._look_now.set()

    async def changed(self) -> Reading:
        """Wait for a registry that can be used and mirrors something else than the one in force."""
        while (found := await self.look()) is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY):
                    await self._look_now.wait()
            self._look_now.clear()
        return found

    async def look(self) -> Reading | None:
        """What the file holds now; None where it is in force already or refused."""
        return await asyncio.to_thread(self._look)

    def use(self, reading: Reading) -> None:
        """From now on this one is in force."""
        self._in_force, self._refused = reading, b""

    def refuse(self, digest: bytes, reason: Exception) -> None:
        """Say, once for each content, why the file is not used."""
        if digest != self._refused:
            self._refused = digest
            log.error("registry refused, the one in force stays", reason=" ".join(str(reason).split()))

    def _look(self) -> Reading | None:
        try:
            content = read_registry(self._path)
        except RegistryError as error:
            self.refuse(hashlib.sha256(str(error).encode()).digest(), error)
            return None
        digest = hashlib.sha256(content).digest()
        if digest in (self._in_force.digest, self._refused):
            if digest != self._refused:
                self._refused = b""
            return None
        try:
            registry = registry_of(content, str(self._path))
            self._check_chain(registry)
        except RegistryError as error:
            self.refuse(digest, error)
            return None
        found = Reading(registry, digest)
        if registry.contracts != self.registry.contracts:
            return found
        self.use(found)
        log.info("registry changed, what is mirrored stays the same", registry=str(self._path))
        return None

    def _check_chain(self, registry: Registry) -> None:
        ours = self.registry.chain_id
        if registry.chain_id != ours:
            raise RegistryError(
                str(self._path),
                "chain_id",
                f"changed from {ours} to {registry.chain_id}: put the file back, and start another listener for"
                f" chain {registry.chain_id}.",
            )


def _read(path: Path) -> Reading:
    content = read_registry(path)
    return Reading(registry_of(content, str(path)), hashlib.sha256(content).digest())
