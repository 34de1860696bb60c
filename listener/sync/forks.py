"""Where two branches part: our remembered blocks against those of the providers."""

from collections.abc import Sequence

import structlog

from listener.chain.faults import RpcError, TransientError
from listener.chain.provider import Call, Provider
from listener.chain.rpc import RpcPool
from listener.mirror.batch import BlockMark
from listener.sync.wire import Header, quantity, typed

log = structlog.get_logger("forks")
_BATCH = 100
_LIARS_REST = 60.0


class DeepForkError(Exception):
    """The chain replaced a block that was final; nothing was touched."""


async def find_fork(pool: RpcPool, trail: Sequence[BlockMark], final: int) -> BlockMark | None:
    """The last of our blocks that the chain still has; None when it has all that it can have by now.

    `trail`: our remembered blocks, oldest first; the first is the last final one, unless nothing mirrored is
    final yet: then a fork below it starts the mirror afresh (a mark without hash). Raises DeepForkError when
    a final block is gone.
    """
    shared: BlockMark | None = None
    different = False
    for mark, found in zip(trail, await _hashes(pool, trail), strict=True):
        if found is None:
            break
        if found != mark.hash:
            different = True
            break
        shared = mark
    if not different:
        return None
    if shared is None and trail[0].number > final:
        return BlockMark(trail[0].number - 1, b"", b"", 0)
    if shared is None:
        await _refuse_deep_fork(pool, trail[0])
    return shared


async def _hashes(pool: RpcPool, trail: Sequence[BlockMark]) -> list[bytes | None]:
    """The chain's hash at the height of each of our blocks, all from one provider; None above its head."""
    calls = [Call("eth_getBlockByNumber", (quantity(mark.number), False)) for mark in trail]

    async def once(provider: Provider) -> list[bytes | None]:
        answers: list[bytes | None] = []
        for start in range(0, len(calls), _BATCH):
            for answer in await provider.batch(calls[start : start + _BATCH], result=Header):
                answers.append(None if answer is None else typed(answer, Header, "a block").mark().hash)
        return answers

    return await pool.attempt(once, what="blocks around a fork")


async def _refuse_deep_fork(pool: RpcPool, final: BlockMark) -> None:
    """Stop, unless some provider still has our final block: then those that do not are on a wrong branch."""
    agrees: list[Provider] = []
    differs: list[Provider] = []
    for provider in pool.providers:
        if provider.is_refused:
            continue
        try:
            header = await provider.call(
                "eth_getBlockByNumber", (quantity(final.number), False), result=Header
            )
        except RpcError:
            continue
        if isinstance(header, Header):
            (agrees if header.mark().hash == final.hash else differs).append(provider)
    if agrees:
        for provider in differs:
            log.error("provider on another branch", provider=provider.name, final_block=final.number)
            provider.pause(_LIARS_REST)
        raise TransientError(f"providers disagree about final block {final.number}")
    raise deep_fork(final.number, final.hash)


def deep_fork(number: int, ours: bytes) -> DeepForkError:
    """The error for a chain that no longer has our final block."""
    return DeepForkError(
        f"The chain no longer has block {number} with hash 0x{ours.hex()}, which was final when it was"
        " mirrored. Nothing was changed. Is this another or a fresh chain? Then run"
        " `python -m listener rebuild`, or use another DATABASE_URL. Otherwise check the RPC providers."
    )
