"""Events of millions of blocks, from a node that gives only those of some thousand at once."""

from typing import Any

import pytest

from listener.chain.registry import RegisteredContract
from scripts._chain import ChainReader
from scripts._evidence import CannotTellError

HEAD = 2_000_000
CONTRACT = RegisteredContract("Nobody", (), ("0x" + "11" * 20,))


@pytest.mark.parametrize(("at_once", "most"), [(10_000, 600), (10 * HEAD, 5)])
def test_logs__node_gives_so_many_blocks_at_once__all_are_asked_and_few_in_vain(
    at_once: int, most: int
) -> None:
    given, refused = list[range](), 0

    def request(method: str, params: list[Any]) -> Any:
        nonlocal refused
        if method != "eth_getLogs":
            return hex(HEAD)
        blocks = range(*(int(params[0][key], 16) for key in ("fromBlock", "toBlock")))
        if len(blocks) >= at_once:
            refused += 1
            raise CannotTellError("too many blocks")
        given.append(blocks)
        return []

    assert ChainReader(request).logs(CONTRACT, []) == []
    assert [blocks.start for blocks in given[1:]] == [blocks.stop + 1 for blocks in given[:-1]]
    assert (given[0].start, given[-1].stop) == (0, HEAD)
    assert refused < 10
    assert len(given) <= most


def test_logs__node_gives_nothing__says_so() -> None:
    def request(method: str, params: list[Any]) -> Any:
        if method == "eth_getLogs":
            raise CannotTellError("no logs")
        return hex(HEAD)

    with pytest.raises(CannotTellError):
        ChainReader(request).logs(CONTRACT, [])
