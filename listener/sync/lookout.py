"""Looks at the head of the chain, and knows when to look again."""

import asyncio
import time
from typing import Any

import structlog

from listener.chain.faults import TransientError
from listener.chain.heads import Heads
from listener.chain.provider import Call, Provider
from listener.chain.rpc import RpcPool
from listener.mirror.batch import Tip
from listener.sync.fetch import Fetcher
from listener.sync.logs import Question, by_hash_call
from listener.sync.metrics import Metrics
from listener.sync.wire import Header, Log, typed

log = structlog.get_logger("sync")

_COMPARE_EVERY = 3.0  # seconds between looks at the heads of all providers
_TAGS = ("latest", "finalized")


class Lookout:
    """The newest block the providers have, and the last final one.

    `poll_interval` in seconds; `finality_depth` in blocks, used where the chain has no `finalized` tag.
    """

    def __init__(
        self,
        pool: RpcPool,
        heads: Heads,
        fetcher: Fetcher,
        poll_interval: float,
        finality_depth: int,
        metrics: Metrics,
    ) -> None:
        self._pool, self._heads, self._fetcher, self._metrics = pool, heads, fetcher, metrics
        self._poll_interval, self._finality_depth = poll_interval, finality_depth
        self.tip: Tip | None = None
        self.final = -1  # never goes back: set from the database at start
        self.polled_at = 0.0  # monotonic clock, as below
        self.head_known_at = 0.0  # when the head was announced or, if it was not, found
        self._final_hash: bytes | None = None
        self._has_final_tag: bool | None = None  # None: not known yet
        self._compared_at = float("-inf")
        self._comparing: asyncio.Task[None] | None = None
        self._asked_early: str | None = None

    async def look(self, cursor: int) -> Tip:
        """Where the chain is, from the provider that leads; now and then all are compared.

        One request. Where the block after `cursor` was announced, it asks for that block's logs as well.
        """
        self._looked_at = time.monotonic()
        await self._compare()
        questions = self._announced_questions(cursor + 1)
        answers = await self._ask(questions)
        newest: Header = answers[0]
        head = newest.mark()
        self._note_final(head.number, answers[1])
        self._fetcher.newest = newest
        if questions:
            self._fetcher.keep_early(questions, answers[2:])
        self.polled_at = time.monotonic()
        if self.tip is None or self.tip.head.hash != head.hash:
            self.head_known_at = self._heads.told_at(newest.hash) or self.polled_at
        self.tip = Tip(head, self.final, self._final_hash)
        self._metrics.looked(self.tip)
        return self.tip

    async def pause(self) -> None:
        """Sleep until it is time to look again: looks are `poll_interval` apart, from start to start."""
        if self.tip is None:
            raise RuntimeError("nothing was looked at yet")
        head, taken = self.tip.head, time.monotonic() - self._looked_at
        await self._heads.pause(head.number, "0x" + head.hash.hex(), self._poll_interval, taken)

    async def _compare(self) -> None:
        if len(self._pool.providers) > 1 and time.monotonic() - self._compared_at > _COMPARE_EVERY:
            self._compared_at = time.monotonic()
            self._comparing = asyncio.create_task(self._pool.compare_heads())
            if self.tip is None:
                await self._comparing

    def _announced_questions(self, number: int) -> list[Question]:
        """Questions for the logs of block `number` if it was announced; asked once."""
        notice = self._heads.announced(number)
        if notice is None or notice.hash == self._asked_early:
            return []
        self._asked_early = notice.hash
        return self._fetcher.early_questions(notice.hash, number)

    async def _ask(self, questions: list[Question]) -> list[Any]:
        """Answers for the latest block, a Header, for the final one, and for `questions`."""
        calls = [Call("eth_getBlockByNumber", (tag, False)) for tag in _TAGS]
        calls += map(by_hash_call, questions)

        async def once(provider: Provider) -> list[Any]:
            answers = await provider.batch(calls, result=list[Log] | Header, keep_faults=True)
            if isinstance(answers[0], TransientError):
                raise answers[0]
            head = typed(answers[0], Header, "the latest block").mark().number
            final = answers[1]
            if isinstance(final, Header) and final.mark().number > head:
                raise TransientError(f"the finalized block {final.number} is above the latest, {head}")
            return answers

        return await self._pool.attempt(once, what="the latest block", believe_refusals=False)

    def _note_final(self, head: int, answer: Any) -> None:
        """Take the chain's word for what is final; the depth where it has never given it (refusal, null)."""
        if isinstance(answer, Header):
            self._has_final_tag = True
            found = answer.mark()
            if found.number > self.final:
                self.final, self._final_hash = found.number, found.hash
        elif not self._has_final_tag:
            if self._has_final_tag is None:
                reason = "null" if answer is None else str(answer)
                log.info("no finalized tag here", finality_depth=self._finality_depth, reason=reason)
            self._has_final_tag = False
            self.final, self._final_hash = max(self.final, head - self._finality_depth), None
