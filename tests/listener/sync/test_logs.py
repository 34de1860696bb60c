"""Which logs are believed to be of which blocks."""

from typing import Any

import pytest

from listener.chain.faults import TransientError
from listener.sync.logs import check_logs
from listener.sync.wire import Log

HASHES = {"0xa": "0x" + "ab" * 32, "0xb": "0x" + "cd" * 32}


def entry(**changes: Any) -> Log:
    fixed = {"address": "0x" + "11" * 20, "topics": [], "data": "0x", "transactionHash": "0x" + "22" * 32}
    place = {"blockNumber": "0xa", "blockHash": HASHES["0xa"], "logIndex": "0x0"}
    return Log(**{**fixed, **place, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"blockHash": HASHES["0xb"]},
        {"blockHash": ""},
        {"blockNumber": "0xc"},
        {"blockNumber": "latest"},
        {"removed": True},
    ],
)
def test_check__log_of_another_branch_or_block__refused(changes: dict[str, Any]) -> None:
    with pytest.raises(TransientError):
        check_logs([entry(), entry(logIndex="0x1", **changes)], HASHES)


def test_check__two_at_one_place__refused__the_same_twice__once() -> None:
    with pytest.raises(TransientError, match="two logs"):
        check_logs([entry(), entry(data="0x12")], HASHES)
    assert check_logs([entry(), entry()], HASHES) == [entry()]


def test_check__other_spelling__written_as_the_header() -> None:
    odd = entry(blockNumber="0x0A", blockHash="0x" + "AB" * 32)
    assert check_logs([odd], HASHES) == [entry()]
