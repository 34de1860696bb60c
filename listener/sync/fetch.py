"""Fetch: headers and logs of a span of blocks, checked against each other before anything is believed.

Checked: every header is there, each names its parent, every log lies in a block of those very headers, no two
logs share a place, and the bloom filters do not show logs that are missing (`listener.sync.proof`). What
fails a check is a fault of the provider, which is left out for a while, or a fork on the way: the span is
fetched again. Blocks that a fork could replace are asked for by hash, so that a log can only be of that block.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import structlog

from listener.chain.faults import RpcError, TransientError
from listener.chain.provider import Call, Provider
from listener.chain.rpc import RpcPool
from listener.mirror.batch import BlockMark
from listener.sync.logs import Answer, LogReader, Question, are_apart, check_logs, each_once
from listener.sync.pace import Pace
from listener.sync.proof import LogsLeftOutError, Prover
from listener.sync.routes import Routes
from listener.sync.wire import Header, Log, header_of, quantity

log = structlog.get_logger("fetch")

_HEADERS_PER_REQUEST = 100
_HEADER_PATIENCE = 5.0  # seconds a block may be unknown everywhere before the tip is looked at again
_DISTRUST = 10.0  # seconds without questions for a provider whose answers do not agree

AddressesKnown = Callable[[int], Awaitable[None]]
Asked = tuple[frozenset[str], frozenset[str]]  # addresses and topics of a filter
Discover = Callable[[Sequence[Log]], None]


@dataclass(slots=True)
class Blocks:
    """Headers of consecutive blocks and the wanted logs in them, and who gave the logs."""

    marks: list[BlockMark]
    logs: list[Log]
    by_number: dict[str, BlockMark]
    providers: set[Provider | None]


class Fetcher:
    """Fetches checked spans of one chain."""

    def __init__(self, pool: RpcPool, routes: Routes, pace: Pace, reader: LogReader | None = None) -> None:
        """`reader`: one that has learnt already what the providers refuse."""
        self._pool = pool
        self._routes = routes
        self._reader = reader or LogReader(pool, pace)
        self._prover = Prover(pool, routes)
        self._left_out_to = -1  # up to this block, by hash at once
        self.newest: Header | None = None  # spares asking again for the header that polling just brought

    async def fetch(
        self, first: int, last: int, *, by_hash: bool, known: AddressesKnown, discover: Discover
    ) -> Blocks:
        """Headers and logs of blocks `first` to `last` that agree with each other.

        `known(level)` waits until all contracts of a level created before `first` are known; `discover(logs)`
        is told the logs of a level, which may create contracts of the next. Raises TransientError where the
        answers do not agree and PermanentError where every provider refuses a single block.
        """
        is_newest = first == last and self.newest is not None and self.newest.number == quantity(first)
        by_hash = (by_hash or is_newest or first <= self._left_out_to) and self._reader.reads_by_hash
        try:
            return await self._read(first, last, by_hash, known, discover)
        except LogsLeftOutError as error:
            if by_hash or not self._reader.reads_by_hash:
                raise
            log.warning("reading by block hash", first=first, last=last, reason=str(error))
        learnt = self._routes.learnt
        blocks = await self._read(first, last, True, known, discover)
        if self._routes.learnt > learnt:  # spans behind this one may have been read without these contracts
            self._left_out_to = last
            raise TransientError(
                f"contracts were created in {first} to {last}, in logs that had been left out"
            )
        return blocks

    async def _read(
        self, first: int, last: int, by_hash: bool, known: AddressesKnown, discover: Discover
    ) -> Blocks:
        if by_hash:
            headers, marks = await self.headers(first, last)
            if headers == [self.newest]:
                await self._reader.read_early(self.early_questions(headers[0].hash, last))
            answers = await self._levels(headers, first, last, known, discover)
        else:
            async with asyncio.TaskGroup() as group:
                waiting = group.create_task(_plain(self.headers(first, last)))
                reading = group.create_task(_plain(self._levels(None, first, last, known, discover)))
            (headers, marks), answers = _result(waiting), _result(reading)
        _check_links(marks)
        hashes = {header.number: header.hash for header in headers}
        logs = [entry for answer in answers for entry in self._checked(answer, hashes)]
        if len(answers) > 1 and not are_apart(logs):  # one question's logs came in answer to another too
            wants = self._routes.wants
            logs = each_once([e for e in logs if wants(e.address, e.topics, int(e.blockNumber, 16))])
        await self._prover.check(headers, marks, logs, answers)
        by_number = {header.number: mark for header, mark in zip(headers, marks, strict=True)}
        return Blocks(marks, logs, by_number, {answer.provider for answer in answers})

    def _checked(self, answer: Answer, hashes: dict[str, str]) -> list[Log]:
        """The logs of an answer; its provider is left out for a while when they are not of these blocks."""
        end = answer.end
        try:
            if end is not None and hashes.get(end.number) != end.hash:
                raise TransientError(f"block {end.number} came with two hashes")
            return check_logs(answer.logs, hashes)
        except TransientError:
            self._distrust(answer.provider)
            raise

    def _distrust(self, provider: Provider | None) -> None:
        if provider is not None:
            self._pool.distrust(provider, _DISTRUST)

    def distrust(self, blocks: Blocks) -> None:
        """Leave out for a while who gave logs that turned out to be malformed."""
        for provider in blocks.providers:
            self._distrust(provider)

    def early_questions(self, block_hash: str, number: int) -> list[Question]:
        """What to ask for the logs of a block at once, not level by level: of the contracts known by now."""
        return [(block_hash, part) for part in self._routes.filters_of_all(number)]

    def keep_early(self, questions: Sequence[Question], answers: Sequence[Any]) -> None:
        """Use those answers that are lists of logs, once, when the block's turn comes."""
        self._reader.keep_early(questions, answers)

    async def headers(self, first: int, last: int) -> tuple[list[Header], list[BlockMark]]:
        """Headers of blocks `first` to `last`, none missing, and what the mirror remembers of them."""
        if self.newest is not None and first == last and self.newest.number == quantity(first):
            return [self.newest], [self.newest.mark()]
        starts = range(first, last + 1, _HEADERS_PER_REQUEST)
        parts = await asyncio.gather(
            *(self._headers(start, min(last, start + _HEADERS_PER_REQUEST - 1)) for start in starts)
        )
        return [h for headers, _ in parts for h in headers], [m for _, marks in parts for m in marks]

    async def _headers(self, first: int, last: int) -> tuple[list[Header], list[BlockMark]]:
        found: dict[
            int, tuple[Header, BlockMark]
        ] = {}  # of several nodes behind one URL one may lack a block

        async def once(provider: Provider) -> tuple[list[Header], list[BlockMark]]:
            await _find_headers(provider, [n for n in range(first, last + 1) if n not in found], found)
            ordered = [found[number] for number in range(first, last + 1)]
            try:
                _check_links([mark for _, mark in ordered])
            except TransientError:
                found.clear()
                raise
            return [header for header, _ in ordered], [mark for _, mark in ordered]

        what = f"headers of {first} to {last}"
        return await self._pool.attempt(once, what=what, patience=_HEADER_PATIENCE, believe_refusals=False)

    async def _levels(
        self, headers: list[Header] | None, first: int, last: int, known: AddressesKnown, discover: Discover
    ) -> list[Answer]:
        """Logs of all levels of contracts; by hash when headers are given, by range otherwise."""
        answers: list[Answer] = []
        asked: list[Asked] = []
        for level in range(self._routes.levels):
            await known(level)
            filters = self._routes.filters(level, last)
            parts = await asyncio.gather(
                *(
                    self._reader.range(wanted, first, last)
                    if headers is None
                    else self._reader.hashes(wanted, headers)
                    for wanted in filters
                )
            )
            found = [answer for part in parts for answer in part]
            asking = [(frozenset(wanted["address"]), frozenset(wanted["topics"][0])) for wanted in filters]
            if any(not before.isdisjoint(now) for now, _ in asking for before, _ in asked):
                _check_came(answers, found, asking)  # some were created on two levels
                _check_came(found, answers, asked)
            asked += asking
            # Those that came before as well: only now is it known whether their address was of this level then.
            for answer in found:
                _lower_case(answer.logs)
                try:
                    discover(answer.logs)
                except ValueError as error:
                    self._distrust(answer.provider)
                    raise TransientError(f"a log of {first} to {last} is malformed: {error}") from None
            answers += found
        return answers


async def _find_headers(
    provider: Provider, numbers: Sequence[int], found: dict[int, tuple[Header, BlockMark]]
) -> None:
    """Add the headers of these blocks to `found`; raises RpcError when one is missing, after adding the rest."""
    calls = [Call("eth_getBlockByNumber", (quantity(number), False)) for number in numbers]
    error: RpcError | None = None
    for number, answer in zip(
        numbers, await provider.batch(calls, result=Header, keep_faults=True), strict=True
    ):
        if not isinstance(answer, Header):
            error = answer if isinstance(answer, RpcError) else TransientError(f"block {number} came as null")
            continue
        mark = header_of(answer, number)
        answer.number = quantity(number)
        found[number] = answer, mark
    if error is not None:
        raise error


def _check_came(logs_of: list[Answer], answers: list[Answer], asked: list[Asked]) -> None:
    """Raises LogsLeftOutError for a log of `logs_of` that is not in `answers`, though `asked` asks for it."""
    come = {(entry.blockNumber, entry.logIndex) for answer in answers for entry in answer.logs}
    for answer in logs_of:
        for entry in answer.logs:
            if (entry.blockNumber, entry.logIndex) not in come and _is_asked(entry, asked):
                raise LogsLeftOutError(f"block {entry.blockNumber} has logs that came one time of two only")


def _is_asked(entry: Log, asked: list[Asked]) -> bool:
    address, topic = entry.address.lower(), entry.topics[0].lower() if entry.topics else ""
    return any(address in addresses and topic in topics for addresses, topics in asked)


def _lower_case(logs: list[Log]) -> None:
    """Write addresses and topics as all nodes but few do; the first log tells for all of an answer."""
    if logs and logs[0].topics and logs[0].topics[0] != logs[0].topics[0].lower():
        for entry in logs:
            entry.address = entry.address.lower()
            entry.topics = [topic.lower() for topic in entry.topics]


def _check_links(marks: list[BlockMark]) -> None:
    for before, after in pairwise(marks):
        if after.parent_hash != before.hash:
            raise TransientError(
                f"block {after.number} is no child of block {before.number}: a fork meanwhile"
            )
        if after.time < before.time:
            raise TransientError(f"block {after.number} is older than block {before.number}")


async def _plain(work: Awaitable[Any]) -> Any:
    """Hand an RpcError back as a value, so that the task group raises it bare."""
    try:
        return await work
    except RpcError as error:
        return error


def _result(task: asyncio.Task[Any]) -> Any:
    if isinstance(task.result(), RpcError):
        raise task.result()
    return task.result()
