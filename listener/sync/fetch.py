"""Fetch: headers and logs of a span of blocks, checked against each other before anything is believed.

Checked: every header is there, each names its parent, every log lies in a block of those very headers, no log
comes twice, and a block without logs has a bloom filter that agrees. What fails a check is a fault of the
provider or a fork on the way: the span is fetched again. Blocks that a fork could replace are asked for by
hash, so that a log can only be of that block.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import structlog

from listener.chain.faults import PermanentError, RpcError, TransientError, UnavailableError
from listener.chain.provider import Call, Provider
from listener.chain.rpc import RpcPool
from listener.mirror.batch import BlockMark
from listener.sync import bloom
from listener.sync.pace import Pace
from listener.sync.routes import Routes
from listener.sync.wire import Header, Log, hash_bytes, quantity, typed

log = structlog.get_logger("fetch")

_HEADERS_PER_REQUEST = 100
_HASHES_PER_REQUEST = 25
_SPAN_PATIENCE = (
    20.0  # seconds a getLogs over many blocks may fail at every provider before the span is halved
)
_HASH_PATIENCE = 1.0  # seconds a block hash may be unknown at every provider before headers are read again
_TELLS_NOTHING = 0.5  # a filter so full that it is wrong this often is not looked at
_LIARS_REST = 30.0  # seconds without questions for a provider that left logs out
_CERTAIN = 1e-6  # a bloom filter that is wrong more rarely than this is believed over an empty list

Question = tuple[str, dict[str, Any]]  # hash of a block and the filter of its logs
AddressesKnown = Callable[[int], Awaitable[None]]
Discover = Callable[[Sequence[Log]], None]


class LogsLeftOutError(TransientError):
    """A provider's list of logs lacks some that the block has; by hash the answer may be complete."""


@dataclass(slots=True)
class Blocks:
    """Headers of consecutive blocks and the wanted logs in them."""

    marks: list[BlockMark]
    logs: list[Log]
    by_number: dict[str, BlockMark]


class Fetcher:
    """Fetches checked spans of one chain."""

    def __init__(self, pool: RpcPool, routes: Routes, pace: Pace) -> None:
        self._pool = pool
        self._routes = routes
        self._pace = pace
        self._by_hash_works = True
        self.newest: Header | None = None  # spares asking again for the header that polling just brought
        self._early: list[tuple[Question, list[Log]]] = []

    async def fetch(
        self, first: int, last: int, *, by_hash: bool, known: AddressesKnown, discover: Discover
    ) -> Blocks:
        """Headers and logs of blocks `first` to `last` that agree with each other.

        `known(level)` waits until all contracts of a level created before `first` are known; `discover(logs)`
        is told the logs of a level, which may create contracts of the next. Raises TransientError where the
        answers do not agree and PermanentError where a provider refuses a single block.
        """
        is_newest = first == last and self.newest is not None and self.newest.number == quantity(first)
        if (by_hash or is_newest) and self._by_hash_works:
            headers = await self.headers(first, last)
            if is_newest:
                await self._read_early(headers[0].hash, last)
            logs = await self._levels(headers, first, last, known, discover)
        else:
            async with asyncio.TaskGroup() as group:
                waiting = group.create_task(_plain(self.headers(first, last)))
                reading = group.create_task(_plain(self._levels(None, first, last, known, discover)))
            headers, logs = _result(waiting), _result(reading)
        marks = [header.mark() for header in headers]
        by_number = {header.number: mark for header, mark in zip(headers, marks, strict=True)}
        _check_links(marks)
        _check_logs(logs, {header.number: header.hash for header in headers})
        await self._check_blooms(headers, marks, logs)
        return Blocks(marks, logs, by_number)

    def early_questions(self, block_hash: str, number: int) -> list[Question]:
        """What to ask for the logs of a block at once, not level by level: of the contracts known by now."""
        levels = range(self._routes.levels)
        return [(block_hash, part) for level in levels for part in self._routes.filters(level, number)]

    def keep_early(self, questions: Sequence[Question], answers: Sequence[Any]) -> None:
        """Use those answers that are lists of logs, once, when the block's turn comes."""
        pairs = zip(questions, answers, strict=True)
        self._early = [(question, answer) for question, answer in pairs if isinstance(answer, list)]

    async def _read_early(self, block_hash: str, number: int) -> None:
        """Logs of all levels of one block in one request, unless they came with the poll."""
        if not any(question[0] == block_hash for question, _ in self._early):
            questions = self.early_questions(block_hash, number)
            self.keep_early(questions, await self._ask_by_hash(questions))

    def _early_answer(self, question: Question) -> list[Log] | None:
        for position, (known, _) in enumerate(self._early):
            if known == question:
                return self._early.pop(position)[1]
        return None

    async def headers(self, first: int, last: int) -> list[Header]:
        """Headers of blocks `first` to `last`; none is missing."""
        if self.newest is not None and first == last and self.newest.number == quantity(first):
            return [self.newest]
        starts = range(first, last + 1, _HEADERS_PER_REQUEST)
        parts = await asyncio.gather(
            *(self._headers(start, min(last, start + _HEADERS_PER_REQUEST - 1)) for start in starts)
        )
        return [header for part in parts for header in part]

    async def _headers(self, first: int, last: int) -> list[Header]:
        numbers = [quantity(number) for number in range(first, last + 1)]
        calls = [Call("eth_getBlockByNumber", (number, False)) for number in numbers]

        async def once(provider: Provider) -> list[Header]:
            answers = await provider.batch(calls, result=Header)
            for number, answer in zip(numbers, answers, strict=True):
                if typed(answer, Header, f"block {number}").number != number:
                    raise TransientError(f"asked for block {number}, the provider answered {answer.number}")
            return answers

        return await self._pool.attempt(once, what=f"headers of {first} to {last}")

    async def _levels(
        self, headers: list[Header] | None, first: int, last: int, known: AddressesKnown, discover: Discover
    ) -> list[Log]:
        """Logs of all levels of contracts; by hash when headers are given, by range otherwise."""
        logs: list[Log] = []
        for level in range(self._routes.levels):
            await known(level)
            found: list[Log] = []
            for wanted in self._routes.filters(level, last):
                if headers is None:
                    found += await self._range(wanted, first, last)
                else:
                    found += await self._hashes(wanted, headers)
            discover(found)
            logs += found
        return logs

    async def _range(self, wanted: dict[str, Any], first: int, last: int) -> list[Log]:
        """Logs of a range at one provider that has its last block; the range is halved when it is refused."""
        span = {**wanted, "fromBlock": quantity(first), "toBlock": quantity(last)}
        calls = [Call("eth_getLogs", (span,)), Call("eth_getBlockByNumber", (quantity(last), False))]
        several = last > first

        async def once(provider: Provider) -> list[Log]:
            answers = await provider.batch(calls, result=list[Log] | Header)
            if isinstance(answers[0], RpcError):
                raise answers[0]
            typed(answers[1], Header, f"block {last}, the end of the range")
            logs: list[Log] = typed(answers[0], list, "eth_getLogs")
            return logs

        try:
            patience = {"patience": _SPAN_PATIENCE} if several else {}
            logs = await self._pool.attempt(once, what=f"logs of {first} to {last}", **patience)
        except (PermanentError, UnavailableError) as error:
            if not several:
                raise
            self._pace.refused(last - first + 1)
            log.info("span halved", first=first, last=last, reason=str(error)[:200])
            middle = (first + last) // 2
            return await self._range(wanted, first, middle) + await self._range(wanted, middle + 1, last)
        return logs

    async def _hashes(self, wanted: dict[str, Any], headers: list[Header]) -> list[Log]:
        """Logs of each block, asked for by its hash."""
        questions = [(header.hash, wanted) for header in headers]
        early = self._early_answer(questions[0]) if len(questions) == 1 else None
        if early is not None:
            return early
        starts = range(0, len(questions), _HASHES_PER_REQUEST)
        parts = await asyncio.gather(
            *(self._ask_by_hash(questions[start : start + _HASHES_PER_REQUEST]) for start in starts)
        )
        return [entry for part in parts for logs in part for entry in logs]

    async def _ask_by_hash(self, questions: Sequence[Question]) -> list[list[Log]]:
        """Logs for each question. A node without the block refuses, so that an empty list tells something."""
        calls = [by_hash_call(question) for question in questions]

        async def once(provider: Provider) -> list[list[Log]]:
            answers = await provider.batch(calls, result=list[Log])
            for answer in answers:
                if isinstance(answer, PermanentError):
                    raise answer
                typed(answer, list, "logs by block hash")
            return answers

        try:
            return await self._pool.attempt(once, what="logs by block hash", patience=_HASH_PATIENCE)
        except UnavailableError as error:  # the block may be gone: look at the headers again
            raise TransientError(str(error)) from None
        except PermanentError as error:
            log.warning("no logs by block hash here; by number instead", reason=str(error))
            self._by_hash_works = False
            raise TransientError(str(error)) from None

    async def _check_blooms(self, headers: list[Header], marks: list[BlockMark], logs: list[Log]) -> None:
        """A block without logs whose bloom filter shows some is asked for again, elsewhere and by hash."""
        with_logs = {entry.blockNumber for entry in logs}
        pairs: list[tuple[int, int]] | None = None
        for header, mark in zip(headers, marks, strict=True):
            bits = 0 if header.number in with_logs else bloom.parse(header.logsBloom)
            if not bits:
                continue
            if pairs is None:
                pairs = self._routes.pairs(marks[-1].number)
            alarm = bloom.chance_of_false_alarm(bits, len(pairs))
            if alarm < _TELLS_NOTHING and bloom.may_hold(bits, pairs):
                await self._confirm_empty(header, mark, bits, alarm)

    async def _confirm_empty(self, header: Header, mark: BlockMark, bits: int, alarm: float) -> None:
        """Ask every provider by hash, then for the block's receipts, before an empty list is believed."""
        levels = range(self._routes.levels)
        filters = [part for level in levels for part in self._routes.filters(level, mark.number)]
        empty: list[Provider] = []
        for provider in self._pool.providers:
            try:
                calls = [Call("eth_getLogs", ({**part, "blockHash": header.hash},)) for part in filters]
                answers = [] if provider.is_refused else await provider.batch(calls, result=list[Log])
            except RpcError:
                continue
            if any(isinstance(answer, list) and answer for answer in answers):
                for liar in empty:
                    liar.pause(_LIARS_REST)
                raise LogsLeftOutError(f"block {mark.number} has logs that a provider left out")
            empty.append(provider)
        if alarm < _CERTAIN and not await self._receipts_prove(header, bits):
            raise LogsLeftOutError(f"block {mark.number} came without logs, its bloom filter shows some")

    async def _receipts_prove(self, header: Header, bits: int) -> bool:
        """Whether the block's receipts have exactly its bloom filter and none of the logs wanted."""
        for provider in self._pool.providers:
            try:
                receipts = await provider.call("eth_getBlockReceipts", (header.hash,))
                logs = [entry for receipt in receipts for entry in receipt["logs"]]
                content = [
                    (bytes.fromhex(e["address"][2:]), [hash_bytes(topic) for topic in e["topics"]])
                    for e in logs
                ]
            except (RpcError, KeyError, TypeError, ValueError):
                continue
            if bloom.of_logs(content) == bits:
                return not any(self._wants(entry["address"], entry["topics"]) for entry in logs)
        return False

    def _wants(self, address: str, topics: list[str]) -> bool:
        watch = self._routes.by_address.get(address.lower())
        return watch is not None and bool(topics) and topics[0] in watch.targets


def by_hash_call(question: Question) -> Call:
    """The call that asks a question."""
    block_hash, wanted = question
    return Call("eth_getLogs", ({**wanted, "blockHash": block_hash},))


def _check_links(marks: list[BlockMark]) -> None:
    for before, after in pairwise(marks):
        if after.parent_hash != before.hash:
            raise TransientError(
                f"block {after.number} is no child of block {before.number}: a fork meanwhile"
            )


def _check_logs(logs: list[Log], hashes: dict[str, str]) -> None:
    for entry in logs:
        if hashes.get(entry.blockNumber) != entry.blockHash or entry.removed:
            raise TransientError(
                f"a log of block {entry.blockNumber} is of another fork, or was not asked for"
            )
    if len({(entry.blockNumber, entry.logIndex) for entry in logs}) != len(logs):
        raise TransientError("a log came twice")


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
