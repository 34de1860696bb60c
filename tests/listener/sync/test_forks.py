"""Where branches part."""

import pytest

from listener.chain.faults import TransientError
from listener.chain.rpc import RpcPool
from listener.mirror.batch import BlockMark
from listener.sync.forks import DeepForkError, find_fork
from tests.listener.fake_chain import FakeChain


def trail(chain: FakeChain, first: int) -> list[BlockMark]:
    blocks = chain.blocks[first:]
    return [BlockMark(b.number, bytes.fromhex(b.hash[2:]), bytes.fromhex(b.parent[2:]), 0) for b in blocks]


async def test_find_fork__same_chain__none(chain: FakeChain) -> None:
    chain.mine(*[[]] * 9)
    async with RpcPool([chain.url]) as pool:
        assert await find_fork(pool, trail(chain, 3), 3) is None


async def test_find_fork__replaced__last_shared_block(chain: FakeChain) -> None:
    chain.mine(*[[]] * 9)
    ours = trail(chain, 3)
    chain.fork(4, [[]] * 5)
    async with RpcPool([chain.url]) as pool:
        assert await find_fork(pool, ours, 3) == ours[2]


async def test_find_fork__provider_is_behind__no_fork(chain: FakeChain) -> None:
    chain.mine(*[[]] * 9)
    ours = trail(chain, 3)
    chain.fork(4, [])
    async with RpcPool([chain.url]) as pool:
        assert await find_fork(pool, ours, 3) is None


async def test_find_fork__final_block_gone__error_unless_another_provider_has_it(chain: FakeChain) -> None:
    chain.mine(*[[]] * 9)
    ours = trail(chain, 3)
    with FakeChain() as honest:
        honest.blocks = list(chain.blocks)
        chain.fork(9, [[]] * 9)
        async with RpcPool([chain.url]) as pool:
            with pytest.raises(DeepForkError, match="Nothing was changed"):
                await find_fork(pool, ours, 3)
        async with RpcPool([chain.url, honest.url]) as pool:
            with pytest.raises(TransientError, match="disagree"):
                await find_fork(pool, ours, 3)


async def test_find_fork__nothing_final_yet__starts_below_the_first(chain: FakeChain) -> None:
    chain.mine(*[[]] * 9)
    ours = trail(chain, 3)
    chain.fork(9, [[]] * 9)
    async with RpcPool([chain.url]) as pool:
        fork = await find_fork(pool, ours, 1)
    assert fork is not None
    assert (fork.number, fork.hash) == (2, b"")
