"""The sources of a deployment to the services that verify them.

No state is kept: each service is asked what it has, so a run that was killed is simply started again.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from eth_utils.address import to_checksum_address

from listener.chain.registry import Registry
from scripts._chain import ChainReader
from scripts._code_checks import PARTS, Place, places
from scripts._explorer import Explorer, ExplorerError, Pause, RefusedError, Submission
from scripts._proof import IMPLEMENTATION_SLOT
from scripts._sources import Source, SourceError, sources_of
from scripts._submission import DiffersError, submission_of, template_of
from scripts._told import address_of
from scripts._upgrade import NEXT

POLLS, LONGEST_PAUSE = 60, 5.0
"""Some five minutes."""

Found = TypeVar("Found", str, bool)
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
class Link:
    """A proxy and what it runs. Of a clone a service may know that by itself, and refuse to be told."""

    name: str
    proxy: str
    implementation: str
    is_clone: bool = False


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
    """The names of what is not verified at the end."""
    unanswered: list[str] = field(default_factory=list)
    """Why services could not be asked."""
    _sources: dict[str, Source] = field(default_factory=dict)
    _submissions: dict[str, Submission | None] = field(default_factory=dict)

    def run(self, chosen: Sequence[str] = ()) -> None:
        """All of the record, or what is chosen: names, and addresses of tokens that the factory made.

        Raises LookupError, SourceError, CannotTellError.
        """
        ours = list(self._ours(chosen))
        tokens = [one for one in chosen if one.startswith("0x")] if chosen else self._own_token()
        clones = [link for token in tokens if (link := self._clone(token))]
        if self.folder is not None or not self.explorers:
            for place, it in self._prepared(ours):
                self._show(place, it)
        for explorer in self.explorers:
            try:
                self._verify(explorer, ours)
                for link in [*self._proxies(ours), *clones]:
                    self._link(explorer, link)
            except ExplorerError as error:
                self.unanswered.append(str(error))

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

    def _verify(self, explorer: Explorer, ours: Iterable[Place]) -> None:
        """All is sent first and awaited then: a service works at several side by side."""
        lacking = []
        for place in ours:
            if explorer.has(self.chain.chain_id, place.address):
                self._tell("already", place.name, place.address, f"at {explorer.name}")
            else:
                lacking.append(place)
        sent = []
        for place, it in self._prepared(lacking):
            with self._refusals(explorer, place):
                sent.append((place, it, explorer.submit(it)))
        for place, it, ticket in sent:
            with self._refusals(explorer, place):
                found = self._polled(partial(explorer.outcome, it, ticket))
                self._tell("verified", place.name, it.address, f"{explorer.name}: {found}")

    def _prepared(self, ours: Sequence[Place]) -> Iterator[tuple[Place, Submission]]:
        """Those whose source is what stands on chain, each looked at once in a run."""
        new = [place for place in ours if place.name not in self._submissions]
        names = {str(place.compiled) for place in new} - self._sources.keys()
        self._sources |= sources_of(names, self.path_of)
        for place in ours:
            if place in new:
                self._submissions[place.name] = self._compared(place)
            if it := self._submissions[place.name]:
                yield place, it

    def _compared(self, place: Place) -> Submission | None:
        try:
            return submission_of(self.chain, place, self._sources[str(place.compiled)])
        except DiffersError as error:
            self._fail("DIFFERS", place.name, place.address, f"{error}. Nothing is sent for it.")
            return None

    def _show(self, place: Place, it: Submission) -> None:
        if self.folder is not None:
            self._write(self.folder, place.name.replace(" ", "_"), it)
        if not self.explorers:
            files = len(it.source.question["sources"])
            told = f"{it.source.identifier}, {files} files, {len(it.arguments)} bytes of arguments"
            self._tell("would send", place.name, place.address, told)

    def _write(self, folder: Path, name: str, it: Submission) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(it.source.json + "\n", encoding="utf-8")
        form = {
            "address": it.address,
            "contract": it.source.identifier,
            "compiler": f"v{it.source.version}",
            "constructor_arguments": it.arguments.hex(),
        }
        (folder / f"{name}.form.json").write_text(json.dumps(form, indent=2) + "\n")

    # Proxies

    def _proxies(self, ours: Iterable[Place]) -> Iterator[Link]:
        """What a proxy runs its own storage tells."""
        for place in ours:
            if place.compiled == "VestingProxy" and place.name not in self.failed:
                runs = self.chain.storage(place.address, IMPLEMENTATION_SLOT)[-20:]
                yield Link(place.name, place.address, to_checksum_address(runs))

    def _clone(self, token: str) -> Link | None:
        """A clone has no source but its template's: that it runs one of ours is seen here."""
        address, document = address_of(token), self.registry.extra
        runs = template_of(self.chain.code(address))
        for key in PARTS:
            if key in document and runs == str(document[key]["address"]).lower():
                template = str(document[key]["address"])
                self._tell("clone", "token", address, f"of the {key.replace('_', ' ')} {template}")
                return Link("token", address, template, is_clone=True)
        self._fail("DIFFERS", "token", address, "it is no clone of a template on record")
        return None

    def _link(self, explorer: Explorer, link: Link) -> None:
        try:
            ticket = explorer.link(self.chain.chain_id, link.proxy, link.implementation)
            if ticket is not None:
                self._polled(partial(explorer.linked, self.chain.chain_id, ticket))
                told = f"{explorer.name} shows it with {link.implementation}"
                self._tell("linked", link.name, link.proxy, told)
        except RefusedError as error:
            refused = self._tell if link.is_clone else self._fail
            refused("not linked", link.name, link.proxy, f"{explorer.name}: {error}")

    # Waiting and words

    def _polled(self, found: Callable[[], Found | None]) -> Found:
        for poll in range(POLLS):
            if answer := found():
                return answer
            self.pause(min(1.0 + poll, LONGEST_PAUSE))
        raise RefusedError("no judgement after some minutes; run this again")

    @contextmanager
    def _refusals(self, explorer: Explorer, place: Place) -> Iterator[None]:
        try:
            yield
        except RefusedError as error:
            self._fail("REFUSED", place.name, place.address, f"{explorer.name}: {error}")

    def _fail(self, label: str, name: str, address: str, told: str) -> None:
        self._tell(label, name, address, told)
        self.failed.append(name)

    def _tell(self, label: str, name: str, address: str, told: str) -> None:
        self.say(f"{label:<11} {name} {address}: {told}")


__all__ = ["PathOf", "Verifying", "paths_of"]
