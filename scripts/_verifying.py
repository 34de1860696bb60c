"""The sources of a deployment to the services that verify them.

No state is kept: each service is asked what it has, so a run that was killed is simply started again. All is sent first and
awaited then, as the services work side by side.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address

from listener.chain.registry import Registry
from scripts._chain import ChainReader
from scripts._code_checks import PARTS, Place, places
from scripts._explorer import Explorer, Pause, RefusedError, Submission
from scripts._proof import IMPLEMENTATION_SLOT
from scripts._sources import SourceError, sources_of
from scripts._submission import DiffersError, submission_of, template_of
from scripts._told import address_of
from scripts._upgrade import NEXT

POLLS, LONGEST_PAUSE = 60, 5.0
"""Some five minutes."""

PathOf = Callable[[str], str]
"""The file of a contract by its name."""


def paths_of(project: Any) -> PathOf:
    """By what ape compiled. Raises SourceError."""

    def path_of(name: str) -> str:
        try:
            return str(getattr(project, name).contract_type.source_id)
        except AttributeError as error:
            raise SourceError(f"This checkout has no contract {name}.") from error

    return path_of


@dataclass(frozen=True, slots=True)
class Sent:
    """What waits for a service's judgement."""

    name: str
    explorer: Explorer
    it: Submission
    ticket: str


@dataclass
class Verifying:
    """One run over a deployment, finished or not."""

    chain: ChainReader
    registry: Registry
    path_of: PathOf
    explorers: Sequence[Explorer]
    """None at all in a dry run."""
    say: Callable[[str], None]
    folder: Path | None = None
    """Where the inputs are written, for whoever verifies by hand."""
    pause: Pause = time.sleep
    failed: list[str] = field(default_factory=list)

    def run(self, chosen: Sequence[str] = ()) -> list[str]:
        """The names of what is not verified at the end. `chosen`: names, or addresses of tokens that the factory made.

        Raises LookupError, SourceError, ExplorerError, CannotTellError.
        """
        ours = list(self._ours(chosen))
        clones = [one for one in chosen if one.startswith("0x")] if chosen else self._own_token()
        for one in list(self._submitted(ours)):
            self._await(one)
        for place in ours:
            if place.compiled == "VestingProxy" and place.name not in self.failed:
                runs = self.chain.storage(place.address, IMPLEMENTATION_SLOT)[-20:]
                self._link(place.name, place.address, to_checksum_address(runs), must=True)
        for token in clones:
            self._clone(token)
        return self.failed

    # What there is

    def _ours(self, chosen: Sequence[str]) -> Iterator[Place]:
        """The contracts of this checkout among those chosen; of the others a word is said."""
        known = {place.name.replace(" ", "_"): place for place in self._all()}
        names = [one for one in chosen if not one.startswith("0x")]
        if unknown := [name for name in names if name not in known]:
            raise LookupError(f"No {', '.join(unknown)} is on record. There are: {', '.join(known)}.")
        for name, place in known.items():
            if chosen and name not in names:
                continue
            if place.compiled is None:
                self._tell("left out", place.name, place.address, "not ours")
            else:
                yield place

    def _all(self) -> Iterator[Place]:
        document = self.registry.extra
        yield from places(self.registry, document)
        if NEXT in document:
            yield Place(NEXT, str(document[NEXT]["address"]), "Vesting", document[NEXT])
        if "Raffle" in self.registry.contracts:
            desk = self.chain.view(self.registry.contract("Raffle"), "desk")
            yield Place("RaffleDesk", to_checksum_address(desk), "RaffleDesk", {})
        if "price_feed" in document:
            yield Place("price feed", str(document["price_feed"]["address"]), None, {})

    def _own_token(self) -> list[str]:
        """The token that votes, where our factory made it."""
        contracts = self.registry.contracts
        if "Governor" not in contracts or "GovernanceToken" in contracts:
            return []
        return [str(contracts["Governor"].extra["arguments"][0])]

    # Sources

    def _submitted(self, ours: Iterable[Place]) -> Iterator[Sent]:
        lacking = [(place, self._lacking(place)) for place in ours]
        if self.explorers and self.folder is None:
            lacking = [(place, where) for place, where in lacking if where]
        sources = sources_of({str(place.compiled) for place, _ in lacking}, self.path_of)
        for place, where in lacking:
            try:
                it = submission_of(self.chain, place, sources[str(place.compiled)])
            except DiffersError as error:
                self._fail("DIFFERS", place.name, place.address, f"{error}. Nothing is sent for it.")
                continue
            if self.folder is not None:
                self._write(self.folder, place.name.replace(" ", "_"), it)
            if not self.explorers:
                files = len(it.source.question["sources"])
                told = f"{it.source.identifier}, {files} files, {len(it.arguments)} bytes of arguments"
                self._tell("would send", place.name, place.address, told)
            for explorer in where:
                try:
                    yield Sent(place.name, explorer, it, explorer.submit(it))
                except RefusedError as error:
                    self._fail("REFUSED", place.name, place.address, f"{explorer.name}: {error}")

    def _lacking(self, place: Place) -> list[Explorer]:
        """The services that do not have it yet."""
        found = []
        for explorer in self.explorers:
            if explorer.has(self.chain.chain_id, place.address):
                self._tell("already", place.name, place.address, f"at {explorer.name}")
            else:
                found.append(explorer)
        return found

    def _write(self, folder: Path, name: str, it: Submission) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(it.source.json + "\n")
        asked = {
            "address": it.address,
            "contract": it.source.identifier,
            "compiler": f"v{it.source.version}",
            "constructor_arguments": it.arguments.hex(),
        }
        (folder / f"{name}.form.json").write_text(json.dumps(asked, indent=2) + "\n")

    def _await(self, one: Sent) -> None:
        try:
            for poll in range(POLLS):
                if found := one.explorer.outcome(one.it, one.ticket):
                    self._tell("verified", one.name, one.it.address, f"{one.explorer.name}: {found}")
                    return
                self.pause(min(1.0 + poll, LONGEST_PAUSE))
            told = f"{one.explorer.name} has not judged it after some minutes; run this again"
        except RefusedError as error:
            told = f"{one.explorer.name}: {error}"
        self._fail("REFUSED", one.name, one.it.address, told)

    # Proxies

    def _clone(self, token: str) -> None:
        """A clone has no source but its template's: that it runs one of ours is seen here."""
        address, code = address_of(token), self.chain.code(token)
        document = self.registry.extra
        for key in PARTS:
            if key in document and template_of(code) == str(document[key]["address"]).lower():
                told = f"of {document[key]['address']} ({key.replace('_', ' ')}), it has no other source"
                self._tell("clone", "token", address, told)
                self._link("token", address, str(document[key]["address"]), must=False)
                return
        self._fail("DIFFERS", f"token {address}", address, "it is no clone of a template on record")

    def _link(self, name: str, proxy: str, implementation: str, *, must: bool) -> None:
        for explorer in self.explorers:
            try:
                ticket = explorer.link(self.chain.chain_id, proxy, implementation)
                if ticket is not None and self._is_linked(explorer, ticket):
                    self._tell("linked", name, proxy, f"{explorer.name} shows it with {implementation}")
            except RefusedError as error:
                fail = self._fail if must else self._tell
                fail("NOT LINKED" if must else "not linked", name, proxy, f"{explorer.name}: {error}")

    def _is_linked(self, explorer: Explorer, ticket: str) -> bool:
        for poll in range(POLLS):
            if explorer.linked(self.chain.chain_id, ticket):
                return True
            self.pause(min(1.0 + poll, LONGEST_PAUSE))
        raise RefusedError("it has not looked after some minutes; run this again")

    # Words

    def _fail(self, label: str, name: str, address: str, told: str) -> None:
        self._tell(label, name, address, told)
        self.failed.append(name)

    def _tell(self, label: str, name: str, address: str, told: str) -> None:
        self.say(f"{label:<11} {name} {address}: {told}")


__all__ = ["PathOf", "Verifying", "paths_of"]
