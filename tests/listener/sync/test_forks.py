"""Where branches part."""

from typing import Any

import pytest

from listener.chain.faults import TransientError
from listener.chain.rpc import RpcPool
from listener.mirror.batch import BlockMark
from listener.sync.forks import DeepForkError, find_fork
from tests.listener.fake_chain import Call, FakeChain


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


async def test_find_fork__header_of_another_block__says_nothing(chain: FakeChain) -> None:
    """Neither about a fork nor, when it is asked again, about a final block."""
    chain.mine(*[[]] * 9)
    ours = trail(chain, 3)
    wrong = iter(range(2))

    def answer(call: Call) -> Any:
        is_third = call.method == "eth_getBlockByNumber" and call.params[0] == "0x3"
        return chain.blocks[7].header if is_third and next(wrong, None) is not None else None

    chain.on_call = answer
    async with RpcPool([chain.url]) as pool:
        assert await find_fork(pool, ours, 3) is None
    assert next(wrong, None) is None


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
