"""Reading logs: by range or by block hash, in pieces as small as the provider wants them."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from listener.chain.faults import (
    BatchTooLargeError,
    PermanentError,
    RangeTooLargeError,
    RpcError,
    TransientError,
    UnavailableError,
)
from listener.chain.provider import Call, Provider
from listener.chain.rpc import RpcPool
from listener.sync.pace import Pace
from listener.sync.wire import Header, Log, quantity, typed

log = structlog.get_logger("fetch")

_HASHES_PER_REQUEST = 25
_SPAN_PATIENCE = 20.0  # seconds a getLogs over many blocks may fail everywhere before the span is halved
_HASH_PATIENCE = 1.0  # seconds a block hash may be unknown everywhere before headers are read again
_WITHOUT_HASHES = 300.0  # seconds without asking by hash where every provider refuses that
_MOST_BYTES = 32 * 2**20  # of an answer that could be smaller ones
_MOST_BYTES_OF_A_BLOCK = 2**30


Question = tuple[str, dict[str, Any]]  # hash of a block and the filter of its logs


@dataclass(slots=True)
class Answer:
    """The logs of one question, and who gave them where that is known.

    `end`: the last block of a range as the same provider saw it; None for an answer by block hash.
    """

    provider: Provider | None
    logs: list[Log]
    end: Header | None = None


class LogReader:
    """Reads the logs that a filter of `Routes` wants."""

    def __init__(self, pool: RpcPool, pace: Pace) -> None:
        self._pool = pool
        self._pace = pace
        self._by_hash_from = 0.0
        self._early: list[tuple[Question, list[Log]]] = []

    @property
    def reads_by_hash(self) -> bool:
        """Whether some provider answers eth_getLogs by block hash, as far as is known."""
        return time.monotonic() >= self._by_hash_from

    async def range(self, wanted: dict[str, Any], first: int, last: int) -> list[Answer]:
        """Logs of a range at a provider that has its last block; halved as long as it is refused."""
        span = {**wanted, "fromBlock": quantity(first), "toBlock": quantity(last)}
        calls = [Call("eth_getLogs", (span,)), Call("eth_getBlockByNumber", (quantity(last), False))]
        most_bytes = _MOST_BYTES if last > first else _MOST_BYTES_OF_A_BLOCK

        refusing: set[Provider] = set()

        async def once(provider: Provider) -> Answer:
            answers = await provider.batch(calls, result=list[Log] | Header, most_bytes=most_bytes)
            if isinstance(answers[0], PermanentError):
                refusing.add(provider)
                if last > first and all(p in refusing or p.is_refused for p in self._pool.providers):
                    raise RangeTooLargeError(f"in words unknown here, maybe a limit: {answers[0]}")
                raise answers[0]
            end: Header = typed(answers[1], Header, f"block {last}, the end of the range")
            return Answer(provider, typed(answers[0], list, "eth_getLogs"), end)

        what = f"logs of {first} to {last}"
        try:
            return [
                await self._pool.attempt(once, what=what, patience=_SPAN_PATIENCE, believe_refusals=False)
            ]
        except (RangeTooLargeError, BatchTooLargeError) as error:
            if last > first:
                return await self._halves(wanted, first, last, error)
            parts = [await self.range(part, first, last) for part in _narrowed(wanted, error)]
            return [answer for part in parts for answer in part]
        except UnavailableError as error:
            if last == first or not await self._is_answered():
                raise
            return await self._halves(wanted, first, last, error)

    async def _halves(self, wanted: dict[str, Any], first: int, last: int, error: RpcError) -> list[Answer]:
        self._pace.refused(last - first + 1)
        log.info("span halved", first=first, last=last, reason=str(error)[:200])
        middle = (first + last) // 2
        return await self.range(wanted, first, middle) + await self.range(wanted, middle + 1, last)

    async def _is_answered(self) -> bool:
        """Whether small questions are answered, so that a failing span is to blame for its size."""
        try:
            await self._pool.call("eth_blockNumber", result=str, patience=0.0)
        except UnavailableError:
            return False
        return True

    async def hashes(self, wanted: dict[str, Any], headers: list[Header]) -> list[Answer]:
        """Logs of each block, asked for by its hash."""
        questions = [(header.hash, wanted) for header in headers]
        early = self._early_answer(questions[0]) if len(questions) == 1 else None
        if early is not None:
            return [Answer(None, early)]
        starts = range(0, len(questions), _HASHES_PER_REQUEST)
        parts = await asyncio.gather(
            *(self._by_hash(questions[start : start + _HASHES_PER_REQUEST]) for start in starts)
        )
        return [answer for part in parts for answer in part]

    async def read_early(self, questions: Sequence[Question]) -> None:
        """Answer the questions of one block in one request, unless that came with the poll."""
        if questions and not any(known[0] == questions[0][0] for known, _ in self._early):
            answers = await self._by_hash(questions)
            if len(answers) == len(questions):
                self.keep_early(questions, [answer.logs for answer in answers])

    def keep_early(self, questions: Sequence[Question], answers: Sequence[Any]) -> None:
        """Remember those answers that are lists of logs of the block asked for; the last block's only."""
        pairs = zip(questions, answers, strict=True)
        self._early = [(question, logs) for question, logs in pairs if isinstance(logs, list)]

    def _early_answer(self, question: Question) -> list[Log] | None:
        for position, (known, _) in enumerate(self._early):
            if known == question:
                return self._early.pop(position)[1]
        return None

    async def _by_hash(self, questions: Sequence[Question]) -> list[Answer]:
        """An answer to each question, unless one had to be asked in parts."""
        found: dict[int, Answer] = {}  # of several nodes behind one URL one may lack a block

        async def once(provider: Provider) -> list[Answer]:
            missing = [position for position in range(len(questions)) if position not in found]
            answers = await logs_by_hash(provider, [questions[position] for position in missing])
            for position, answer in zip(missing, answers, strict=True):
                if not isinstance(answer, RpcError):
                    found[position] = Answer(provider, answer)
            raise_first(answers)
            return [found[position] for position in range(len(questions))]

        what, patience = "logs by block hash", _HASH_PATIENCE
        try:
            return await self._pool.attempt(once, what=what, patience=patience, believe_refusals=False)
        except (RangeTooLargeError, BatchTooLargeError) as error:
            if len(questions) > 1:
                parts = [questions[: len(questions) // 2], questions[len(questions) // 2 :]]
            else:
                parts = [[(questions[0][0], part)] for part in _narrowed(questions[0][1], error)]
            answers = [await self._by_hash(part) for part in parts]
            return [answer for part in answers for answer in part]
        except UnavailableError as error:  # the block may be gone: look at the headers again
            if error.are_refusals:
                log.warning("no logs by block hash here; by number for a while", reason=str(error)[:200])
                self._by_hash_from = time.monotonic() + _WITHOUT_HASHES
            raise


async def logs_by_hash(provider: Provider, questions: Sequence[Question]) -> list[list[Log] | RpcError]:
    """A list of logs, or what kept the provider from giving it, for each question.

    A node without the block refuses, so that an empty list tells something. Raises RpcError where all fail.
    """
    most_bytes = _MOST_BYTES if len(questions) > 1 else _MOST_BYTES_OF_A_BLOCK
    calls = [by_hash_call(question) for question in questions]
    answers = await provider.batch(calls, result=list[Log], keep_faults=True, most_bytes=most_bytes)
    for position, (block_hash, _) in enumerate(questions):
        logs = answers[position]
        if logs is None:
            answers[position] = TransientError(f"the logs of block {block_hash} came as null")
        elif isinstance(logs, list):
            for entry in logs:
                if entry.blockHash != block_hash and entry.blockHash.lower() != block_hash.lower():
                    raise TransientError(f"asked for block {block_hash}, a log of {entry.blockHash} came")
    return answers


def raise_first(answers: Sequence[Any]) -> None:
    """Raise the first answer that is an error; one that is no limit before one that is."""
    errors = [answer for answer in answers if isinstance(answer, RpcError)]
    if errors:
        raise next((error for error in errors if not isinstance(error, PermanentError)), errors[0])


def by_hash_call(question: Question) -> Call:
    """The call that asks a question."""
    block_hash, wanted = question
    return Call("eth_getLogs", ({**wanted, "blockHash": block_hash},))


def check_logs(logs: list[Log], hashes: dict[str, str]) -> list[Log]:
    """The logs, each once, when each is of one of the blocks `hashes` (number to hash).

    Raises TransientError for a log of another block, or two logs at one place.
    """
    for entry in logs:
        if hashes.get(entry.blockNumber) != entry.blockHash or entry.removed:
            _respell(entry, hashes)
    return each_once(logs)


def are_apart(logs: list[Log]) -> bool:
    """Whether no two logs are at one place."""
    return len({(entry.blockNumber, entry.logIndex) for entry in logs}) == len(logs)


def each_once(logs: list[Log]) -> list[Log]:
    """The logs without repetitions; TransientError for two different ones at one place."""
    if are_apart(logs):
        return logs
    found: dict[tuple[str, str], Log] = {}
    for entry in logs:
        if found.setdefault((entry.blockNumber, entry.logIndex), entry) != entry:
            raise TransientError(f"block {entry.blockNumber} came with two logs number {entry.logIndex}")
    return list(found.values())


def _respell(entry: Log, hashes: dict[str, str]) -> None:
    """Write number and hash of a log's block as its header does; TransientError when they differ."""
    try:
        number, block_hash = quantity(int(entry.blockNumber, 16)), entry.blockHash.lower()
    except ValueError:
        raise TransientError(f"a log has the block number {entry.blockNumber!r:.40}") from None
    ours = hashes.get(number)
    if entry.removed or ours is None or ours.lower() != block_hash:
        raise TransientError(f"a log of block {number} is of another fork, or was not asked for")
    entry.blockNumber, entry.blockHash = number, ours


def _narrowed(wanted: dict[str, Any], error: PermanentError) -> list[dict[str, Any]]:
    """Filters with half of the addresses, or of the topics, each; raises `error` when there is no half."""
    addresses, topics = wanted["address"], wanted["topics"][0]
    if len(addresses) > 1:
        middle = len(addresses) // 2
        return [{**wanted, "address": part} for part in (addresses[:middle], addresses[middle:])]
    if len(topics) > 1:
        middle = len(topics) // 2
        return [{**wanted, "topics": [part]} for part in (topics[:middle], topics[middle:])]
    raise error
