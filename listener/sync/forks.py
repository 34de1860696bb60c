"""Where two branches part: our remembered blocks against those of the providers.

Before anything is taken back, every provider is asked for its chain id again and for the block in question:
one node on a branch of its own must not move a mirror that most providers agree with.
"""

import asyncio
from collections.abc import Sequence

import structlog

from listener.chain.faults import RpcError, TransientError
from listener.chain.provider import Call, Provider
from listener.chain.rpc import RpcPool
from listener.mirror.batch import BlockMark
from listener.sync.wire import Header, header_of, quantity

log = structlog.get_logger("forks")
_BATCH = 100
_PATIENCE = 10.0  # seconds
_VOTE_TIMEOUT = 3.0  # seconds that a provider has to say which block it has
_LIARS_REST = 60.0


class DeepForkError(Exception):
    """The chain replaced a block that was final; nothing was touched."""


async def find_fork(pool: RpcPool, trail: Sequence[BlockMark], final: int) -> BlockMark | None:
    """The last of our blocks that the chain still has; None when it has all that it can have by now.

    `trail`: our remembered blocks, oldest first; the first is the last final one, unless nothing mirrored is
    final yet: then a fork below it starts the mirror afresh (a mark without hash). Raises DeepForkError when
    a final block is gone, TransientError when most providers still have ours.
    """
    pool.verify_again()
    shared: BlockMark | None = None
    for mark, found in zip(trail, await _hashes(pool, trail), strict=True):
        if found is None:
            return None
        if found != mark.hash:
            break
        shared = mark
    else:
        return None
    if shared is None and trail[0].number <= final:
        await check_final(pool, trail[0])
    await _check_majority(pool, mark)
    return shared or BlockMark(trail[0].number - 1, b"", b"", 0)


async def _hashes(pool: RpcPool, trail: Sequence[BlockMark]) -> list[bytes | None]:
    """The chain's hash at the height of each of our blocks, all from one provider; None above its head."""
    calls = [Call("eth_getBlockByNumber", (quantity(mark.number), False)) for mark in trail]

    async def once(provider: Provider) -> list[bytes | None]:
        answers: list[bytes | None] = []
        for start in range(0, len(calls), _BATCH):
            for answer in await provider.batch(calls[start : start + _BATCH], result=Header):
                answers.append(None if answer is None else header_of(answer, trail[len(answers)].number).hash)
        return answers

    return await pool.attempt(once, what="blocks around a fork", patience=_PATIENCE, believe_refusals=False)


async def _vote(pool: RpcPool, ours: BlockMark) -> tuple[list[Provider], list[Provider]]:
    """Which providers have our block, and which have another at its height."""

    async def ask(provider: Provider) -> bytes | None:
        params = (quantity(ours.number), False)
        try:
            async with asyncio.timeout(_VOTE_TIMEOUT):
                header = await provider.guarded(
                    lambda one: one.call("eth_getBlockByNumber", params, result=Header)
                )
            return None if header is None else header_of(header, ours.number).hash
        except (RpcError, TimeoutError):
            return None

    voters = [provider for provider in pool.providers if not provider.is_refused]
    votes = dict(zip(voters, await asyncio.gather(*map(ask, voters)), strict=True))
    agreeing = [provider for provider, vote in votes.items() if vote == ours.hash]
    return agreeing, [provider for provider, vote in votes.items() if vote not in (None, ours.hash)]


async def _check_majority(pool: RpcPool, ours: BlockMark) -> None:
    """Nothing is taken back while more providers have our block than have another."""
    agreeing, differing = await _vote(pool, ours)
    if not differing or len(agreeing) > len(differing):
        _leave_out(pool, differing, ours.number)
        raise TransientError(f"most providers still have our block {ours.number}")


async def check_final(pool: RpcPool, final: BlockMark) -> None:
    """A provider misses a block of ours that is final: raises DeepForkError, unless some provider has it.

    Then those that do not are on a wrong branch: they are left out, and TransientError is raised.
    """
    agreeing, differing = await _vote(pool, final)
    if agreeing or not differing:
        _leave_out(pool, differing, final.number)
        raise TransientError(f"providers disagree about final block {final.number}")
    raise deep_fork(final.number, final.hash)


def _leave_out(pool: RpcPool, providers: list[Provider], number: int) -> None:
    for provider in providers:
        log.error("provider on another branch", provider=provider.name, block=number)
        pool.distrust(provider, _LIARS_REST)


def deep_fork(number: int, ours: bytes) -> DeepForkError:
    """The error for a chain that no longer has our final block."""
    return DeepForkError(
        f"The chain no longer has block {number} with hash 0x{ours.hex()}, which was final when it was"
        " mirrored. Nothing was changed. Is this another or a fresh chain? Then run"
        " `python -m listener rebuild`, or use another DATABASE_URL. Otherwise check the RPC providers."
    )
