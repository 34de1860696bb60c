"""Sources: which contract address fills which table, and which blocks it still misses after a change of the
registry.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from listener.chain.registry import CreatedBy, RegisteredContract, Registry
from listener.mirror.schema import EventTable

CREATED = b""  # the address of a source whose contracts are found from a creating event


@dataclass(frozen=True)
class Source:
    """One row of `mirror.source`.

    `first_block`: mirrored from there on; `created_by`: the creating event's argument, as
    `Contract.Event.argument`; None where the mirror is older than these two columns. Blocks from
    `missing_from` to the cursor are still to be mirrored. `stopped_at`: it left the registry after this block.
    """

    table_name: str
    address: bytes
    contract: str
    signature: str
    shape: str
    missing_from: int | None = None
    stopped_at: int | None = None
    first_block: int | None = None
    created_by: str | None = None

    @property
    def key(self) -> tuple[str, bytes]:
        """Primary key."""
        return self.table_name, self.address

    @property
    def row(self) -> tuple[Any, ...]:
        """Values in the order of the table's columns."""
        fixed = (self.table_name, self.address, self.contract, self.signature, self.shape)
        return (*fixed, self.missing_from, self.stopped_at, self.first_block, self.created_by)

    def creates(self, other: "Source") -> bool:
        """Whether this event is the one the other source's contracts are found from."""
        event = f"{self.contract}.{self.signature.partition('(')[0]}."
        return other.created_by is not None and other.created_by.startswith(event)


def sources_of(registry: Registry, tables: Sequence[EventTable]) -> list[Source]:
    """All sources of a registry."""
    found = []
    for table in tables:
        contract = registry.contracts[table.contract]
        plain = Source(table.name, CREATED, table.contract, table.event.declaration, table.shape)
        found += [
            replace(plain, address=bytes.fromhex(address[2:]), first_block=contract.first_block)
            for address in contract.addresses
        ]
        if contract.created_by is not None:
            first, creator = _first_creation(registry, contract.created_by), _path(contract.created_by)
            found.append(replace(plain, first_block=first, created_by=creator))
    return found


def _path(created_by: CreatedBy) -> str:
    return f"{created_by.contract}.{created_by.event}.{created_by.argument}"


def _first_creation(registry: Registry, created_by: CreatedBy) -> int:
    """The first block in which this creating event can be."""
    contract: RegisteredContract = registry.contracts[created_by.contract]
    own = [contract.first_block] if contract.addresses else []
    if contract.created_by is not None:
        own.append(_first_creation(registry, contract.created_by))
    return min(own)


def source_changes(stored: Sequence[Source], wanted: Sequence[Source], cursor: int) -> list[Source]:
    """Rows of `mirror.source` to write, so that the mirror knows what it misses up to `cursor`."""
    before = {source.key: source for source in stored}
    now = {source.key: _follow(before.get(source.key), source, cursor) for source in wanted}
    for gone in stored:
        if gone.key not in now:
            now[gone.key] = gone if gone.stopped_at is not None else replace(gone, stopped_at=cursor)
    _reach_created(now)
    return [source for source in now.values() if source != before.get(source.key)]


def _follow(before: Source | None, wanted: Source, cursor: int) -> Source:
    """What a source is from now on, and from which block it misses something."""
    first = wanted.first_block or 0
    missing: list[int | None]
    if before is None:
        missing = [first]
    else:
        known = first if before.first_block is None else before.first_block
        has_other_creator = before.first_block is not None and before.created_by != wanted.created_by
        missing = [
            before.missing_from,
            None if before.stopped_at is None else max(before.stopped_at + 1, first),
            first if first < known or has_other_creator else None,
        ]
        first = min(first, known)  # rows below a raised first block stay, and need not be read again
    start = _least(missing)
    is_late = start is not None and start <= cursor
    return replace(wanted, missing_from=start if is_late else None, stopped_at=None, first_block=first)


def _reach_created(sources: dict[tuple[str, bytes], Source]) -> None:
    """A creating event with missing blocks may have made contracts not known yet: they miss the same blocks.

    So do sources that left the registry: when they come back, those blocks of the creator's may be filled.
    """
    again = True
    while again:
        again = False
        for child in [source for source in sources.values() if source.created_by is not None]:
            starts = [s.missing_from for s in sources.values() if s.stopped_at is None and s.creates(child)]
            start = _least([child.missing_from, *starts])
            if start != child.missing_from:
                sources[child.key] = replace(child, missing_from=start)
                again = True


def _least(numbers: Iterable[int | None]) -> int | None:
    return min((number for number in numbers if number is not None), default=None)
