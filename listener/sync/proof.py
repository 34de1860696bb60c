"""Did a provider leave logs out? The bloom filters of the headers tell, as far as they can.

Looked at more closely, alone and at every provider, is a block

- without a wanted log, whose filter shows one;
- that lacks every log of a watched address which its filter shows, where the filter is empty enough to mean
  something (one false alarm in 500 blocks, at most);
- with the last log of a range whose number of logs is round: an answer may have been cut off silently.

A log left out beside another of the same address in the same block does not show in a header; `listener
check` against another provider finds it.
"""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog

from listener.chain.faults import PermanentError, RpcError, TransientError
from listener.chain.provider import Call, Provider
from listener.chain.rpc import RpcPool
from listener.mirror.batch import BlockMark
from listener.sync import bloom
from listener.sync.logs import Answer, check_logs, logs_by_hash, raise_first
from listener.sync.routes import Routes
from listener.sync.wire import Header, Log, hash_bytes, typed

log = structlog.get_logger("proof")

_TELLS_NOTHING = 0.5  # a filter so full that it is wrong this often is not looked at
_RARE = 0.002  # share of blocks with logs that may be looked at in vain
_ROUND = 5  # vendors cut at round numbers
_CERTAIN = 1e-6  # a filter that is wrong more rarely than this is believed over an empty list
_LIARS_REST = 30.0  # seconds without questions for a provider that left logs out
_PATIENCE = 2 * _LIARS_REST  # seconds a block waits for who does not answer now, where others refuse for ever
_AT_ONCE = 25


class LogsLeftOutError(TransientError):
    """A provider's list of logs lacks some that the block has; by hash the answer may be complete."""


class Prover:
    """Checks fetched blocks against their bloom filters."""

    def __init__(self, pool: RpcPool, routes: Routes) -> None:
        self._pool = pool
        self._routes = routes
        self._waiting_since: dict[str, float] = {}  # by block hash; monotonic

    async def check(
        self, headers: list[Header], marks: list[BlockMark], logs: list[Log], answers: list[Answer]
    ) -> None:
        """Raises LogsLeftOutError when a block has more wanted logs than `logs`, which came in `answers`."""
        doubtful = self._doubtful(headers, marks, logs)
        ends = {answer.logs[-1].blockNumber for answer in answers if _may_be_cut(answer)}
        for position, header in enumerate(headers):
            if header.number in ends:
                doubtful.setdefault(position, 1.0)
        positions = list(doubtful)
        for start in range(0, len(positions), _AT_ONCE):
            part = positions[start : start + _AT_ONCE]
            await asyncio.gather(
                *(self._confirm(headers[n], marks[n].number, logs, doubtful[n]) for n in part)
            )

    def _doubtful(self, headers: list[Header], marks: list[BlockMark], logs: list[Log]) -> dict[int, float]:
        """Positions of blocks to look at, each with the chance that its filter raises a false alarm."""
        with_logs = {entry.blockNumber for entry in logs}
        found: set[tuple[str, str]] | None = None  # made only where a filter tells something
        pairs: list[tuple[int, int]] | None = None
        doubtful: dict[int, float] = {}
        for position, (header, mark) in enumerate(zip(headers, marks, strict=True)):
            bits = bloom.parse(header.logsBloom)
            if not bits:
                continue
            if header.number in with_logs:
                chance = bloom.chance_of_false_alarm(bits, len(self._routes.by_address), bits_each=3)
                if chance < _RARE:
                    found = found or {(entry.blockNumber, entry.address) for entry in logs}
                    if self._lacks_an_address(header, mark, bits, found):
                        pairs = pairs if pairs is not None else self._routes.pairs(marks[-1].number)
                        doubtful[position] = bloom.chance_of_false_alarm(bits, len(pairs))
                continue
            pairs = pairs if pairs is not None else self._routes.pairs(marks[-1].number)
            chance = bloom.chance_of_false_alarm(bits, len(pairs))
            if chance < _TELLS_NOTHING and bloom.may_hold(bits, pairs):
                doubtful[position] = chance
        return doubtful

    def _lacks_an_address(
        self, header: Header, mark: BlockMark, bits: int, found: set[tuple[str, str]]
    ) -> bool:
        for address, watch in self._routes.by_address.items():
            if not watch.pairs or (header.number, address) in found:
                continue
            own = watch.pairs[0][0]
            if bits & own == own and bloom.may_hold(bits, watch.pairs) and watch.is_wanted_at(mark.number):
                return True
        return False

    async def _confirm(self, header: Header, number: int, logs: list[Log], chance: float) -> None:
        """Ask every provider; where none has more, ask for proof of that if the filter is trustworthy."""
        own = [entry for entry in logs if entry.blockNumber == header.number]
        ours = {entry.logIndex for entry in own if self._routes.wants(entry.address, entry.topics, number)}
        filters = self._routes.filters_of_all(number)
        fewer: list[Provider] = []
        faults: list[RpcError] = []
        more = False
        for provider in self._pool.providers:
            if provider.is_refused:
                continue
            try:
                found = await provider.guarded(partial(_logs_of, header, filters))
            except RpcError as error:
                faults.append(error)
                continue
            wanted = {e.logIndex for e in found if self._routes.wants(e.address, e.topics, number)}
            if wanted - ours:
                more = True
            else:
                fewer.append(provider)
        if more:
            for provider in fewer:
                self._pool.distrust(provider, _LIARS_REST)
            raise LogsLeftOutError(f"block {number} has logs that a provider left out")
        if not fewer:
            self._wait_for_answers(header, faults)
        if chance < _CERTAIN and await self._proves_complete(header, len(ours)) is False:
            raise LogsLeftOutError(f"block {number} came with {len(ours)} logs, its bloom filter shows more")

    async def _proves_complete(self, header: Header, count: int) -> bool | None:
        """Whether of all logs of a block, which make its filter, no more than `count` are wanted; None: nobody
        tells all.

        An address of ours and a topic of ours in one block may be of two logs, neither of them wanted.
        """
        bits, number, answered = bloom.parse(header.logsBloom), int(header.number, 16), False
        faults: list[RpcError] = []
        for provider in self._pool.providers:
            for ask in (_of_receipts, _without_filter):
                try:
                    content = await provider.guarded(partial(ask, header))
                except RpcError as error:
                    faults.append(error)
                    continue
                answered = True
                if bloom.of_logs([(address, topics) for address, topics in content]) == bits:
                    wanted = sum(
                        self._routes.wants(
                            "0x" + address.hex(), ["0x" + topic.hex() for topic in topics], number
                        )
                        for address, topics in content
                    )
                    return wanted <= count
        if answered:
            return False
        self._wait_for_answers(header, faults)
        log.warning("no provider proves that a block is complete; believed", block=header.number)
        return None

    def _wait_for_answers(self, header: Header, faults: Sequence[RpcError]) -> None:
        """Raise TransientError where somebody who said nothing may still say it: an outage is no proof.

        Where all others refuse, one who is away for ever must not stop the mirror: after a while it goes on.
        """
        away = [fault for fault in faults if isinstance(fault, TransientError)]
        since = self._waiting_since.setdefault(header.hash, time.monotonic())
        if away and (len(away) == len(faults) or time.monotonic() - since < _PATIENCE):
            number = int(header.number, 16)
            raise TransientError(f"nobody could say whether block {number} has more logs: {away[0]}")
        del self._waiting_since[header.hash]


async def _logs_of(header: Header, filters: Sequence[dict[str, Any]], provider: Provider) -> list[Log]:
    """The logs of a block that one provider has: by hash, or by number where it refuses hashes.

    A node without the block is silent when asked by number: so it has to show the block as well.
    """
    try:
        answers = await logs_by_hash(provider, [(header.hash, part) for part in filters])
        raise_first(answers)
    except PermanentError:
        span = {"fromBlock": header.number, "toBlock": header.number}
        calls = [Call("eth_getLogs", ({**part, **span},)) for part in filters]
        block = Call("eth_getBlockByNumber", (header.number, False))
        *answers, shown = await provider.batch([*calls, block], result=list[Log] | Header)
        raise_first(answers)
        if typed(shown, Header, f"block {header.number}").hash != header.hash:
            raise TransientError(f"block {header.number} came with two hashes") from None
    lists = [typed(answer, list, f"logs of block {header.number}") for answer in answers]
    return check_logs([entry for entries in lists for entry in entries], {header.number: header.hash})


Content = list[tuple[bytes, list[bytes]]]  # (address, topics) of each log


async def _of_receipts(header: Header, provider: Provider) -> Content:
    receipts = await provider.call("eth_getBlockReceipts", (header.hash,))
    if receipts is None:
        raise PermanentError(f"the provider has no receipts of block {header.number}")
    try:
        return [
            (bytes.fromhex(entry["address"][2:]), [hash_bytes(topic) for topic in entry["topics"]])
            for receipt in receipts
            for entry in receipt["logs"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise TransientError(f"the receipts of block {header.number} are malformed: {error}") from None


async def _without_filter(header: Header, provider: Provider) -> Content:
    try:
        return [
            (bytes.fromhex(entry.address[2:]), [hash_bytes(topic) for topic in entry.topics])
            for entry in await _logs_of(header, [{}], provider)
        ]
    except (TypeError, ValueError) as error:
        raise TransientError(f"the logs of block {header.number} are malformed: {error}") from None


def _may_be_cut(answer: Answer) -> bool:
    return answer.end is not None and len(answer.logs) >= 2 * _ROUND and len(answer.logs) % _ROUND == 0
