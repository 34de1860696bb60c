"""Data that an attacker controls: it never stops the mirror, and is never silently lost."""

import copy
from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak

from tests.listener.abis import CREATED, FACTORY, NAMED, PICKED, RAFFLE, REGISTRY, TRANSFER, event, log
from tests.listener.fake_chain import FakeChain
from tests.listener.rig import Rig
from tests.listener.test_run import token

FINE = log(RAFFLE, NAMED, 99, "fine")


def with_data(data: bytes, entry: dict[str, Any] = NAMED) -> dict[str, Any]:
    """An event of the raffle with this data instead of its own."""
    values = (1, "x") if entry is NAMED else (1, [])
    return {**log(RAFFLE, entry, *values), "data": "0x" + data.hex()}


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def problems(rig: Rig) -> list[tuple[Any, ...]]:
    return rig.query(
        "SELECT log_index, kind, table_name FROM mirror.problem ORDER BY block_number, log_index"
    )


def test_text__nul_and_broken_utf8__kept_altered_with_the_original(chain: FakeChain, rig: Rig) -> None:
    nul = log(RAFFLE, NAMED, 1, "a\0b")
    broken = log(RAFFLE, NAMED, 2, "abc")
    broken["data"] = broken["data"].replace("616263", "61ff63")
    surrogate = log(RAFFLE, NAMED, 3, "abc")
    surrogate["data"] = surrogate["data"].replace("616263", "eda080")
    odd = log(RAFFLE, NAMED, 4, "'; DROP TABLE mirror.cursor; -- \\N \\x00 \t\n\r \u202e 😀")
    chain.mine([nul, broken, surrogate, odd, FINE])
    rig.mirror_until(chain.head, chain.url)
    rows = {row[6]: row[7] for row in rig.rows()["raffle_named"]}
    assert rows == {
        1: "a\ufffdb",
        2: "a\ufffdc",
        3: "\ufffd\ufffd\ufffd",
        4: "'; DROP TABLE mirror.cursor; -- \\N \\x00 \t\n\r \u202e 😀",
        99: "fine",
    }
    assert problems(rig) == [(n, "altered", "raffle_named") for n in range(3)]
    originals = rig.query("SELECT data FROM mirror.problem ORDER BY log_index")
    assert originals == [(bytes.fromhex(entry["data"][2:]),) for entry in (nul, broken, surrogate)]


def test_data__that_does_not_decode__kept_raw(chain: FakeChain, rig: Rig) -> None:
    """Too short, offsets that point outside, at themselves or back, lengths without end, nothing at all."""
    spoilt = [
        b"",
        b"\xff" * 40,
        word(32),
        word(2**255) + word(1),
        word(64) + word(0),
        word(32) + word(2**64) + b"abc",
        word(32) + word(33) + b"abc",
        word(2**256 - 32) + word(0),
    ]
    arrays = [word(32) + word(2**32), word(32) + word(2**256 - 1), word(32) + word(10**6) + word(1)]
    logs = [*(with_data(data) for data in spoilt), *(with_data(data, PICKED) for data in arrays)]
    chain.mine([*logs, FINE])
    rig.mirror_until(chain.head, chain.url)
    assert [row[6] for row in rig.rows()["raffle_named"]] == [99]
    assert rig.rows()["raffle_picked"] == []
    tables = ["raffle_named"] * len(spoilt) + ["raffle_picked"] * len(arrays)
    assert problems(rig) == [(n, "undecodable", table) for n, table in enumerate(tables)]
    kept = [data for (data,) in rig.query("SELECT data FROM mirror.problem ORDER BY log_index")]
    assert kept == [*spoilt, *arrays]


def test_data__at_itself__read_as_the_abi_says(chain: FakeChain, rig: Rig) -> None:
    """An offset of 0 makes the offset word the length: legal for decoders, here an empty text."""
    chain.mine([with_data(word(0)), FINE])
    rig.mirror_until(chain.head, chain.url)
    assert [(row[6], row[7]) for row in rig.rows()["raffle_named"]] == [(1, ""), (99, "fine")]


def test_data__of_megabytes__mirrored(chain: FakeChain, rig: Rig) -> None:
    text, ranks = "😀" * 1_300_000, [2**200 + n for n in range(40_000)]
    chain.mine([log(RAFFLE, NAMED, 1, text), log(RAFFLE, PICKED, 2, ranks), FINE])
    rig.mirror_until(chain.head, chain.url)
    assert rig.rows()["raffle_named"][0][7] == text
    assert rig.rows()["raffle_picked"][0][7] == [str(rank) for rank in ranks]
    assert problems(rig) == []


def test_data__nested_and_pointing_at_one_place__stays_small(chain: FakeChain, rig: Rig) -> None:
    """Offsets that all point at the same array would expand a kilobyte to gigabytes."""
    nest = event("Nested", ("uint256[][][]", "deep"))
    registry = copy.deepcopy(REGISTRY)
    registry["contracts"]["Raffle"]["abi"].append(nest)  # type: ignore[index]
    rig.write(registry)
    inner = word(200) + word(0x20) * 200
    bomb = word(32) + word(200) + word(200 * 32) * 200 + inner + word(200)
    legal = encode(["uint256[][][]"], [[[[n] * 3] * 3] * 3 for n in range(1)])
    head = {**log(RAFFLE, NAMED, 1, "x"), "topics": ["0x" + keccak(b"Nested(uint256[][][])").hex()]}
    chain.mine([{**head, "data": "0x" + bomb.hex()}, {**head, "data": "0x" + legal.hex()}, FINE])
    rig.mirror_until(chain.head, chain.url)
    rows = rig.rows()["raffle_nested"]
    assert [row[3] for row in rows] == [1]
    assert problems(rig) == [(0, "undecodable", "raffle_nested")]


def test_topics__other_than_the_abi_says__kept_raw(chain: FakeChain, rig: Rig) -> None:
    """ERC-721's Transfer has ERC-20's first topic and one topic more; others have none or too few."""
    one = token(1)
    erc20 = log(one, TRANSFER, token(2), token(3), 5)
    erc721 = {**erc20, "topics": [*erc20["topics"], "0x" + word(7).hex()], "data": "0x"}
    few = {**erc20, "topics": erc20["topics"][:1], "data": "0x" + (word(2) + word(3) + word(5)).hex()}
    dirty = {**erc20, "topics": [erc20["topics"][0], "0x" + "ff" * 32, erc20["topics"][2]]}
    anonymous = {**erc20, "topics": ["0x" + "ab" * 32]}
    chain.mine([log(FACTORY, CREATED, one, "T")], [erc721, erc20, few, dirty, anonymous])
    rig.mirror_until(chain.head, chain.url)
    assert [row[3] for row in rig.rows()["token_transfer"]] == [1]
    assert problems(rig) == [(n, "undecodable", "token_transfer") for n in (0, 2, 3)]
    topics = rig.query("SELECT topics FROM mirror.problem ORDER BY log_index LIMIT 1")
    assert topics == [([bytes.fromhex(topic[2:]) for topic in erc721["topics"]],)]


def test_creation__that_does_not_decode__is_a_problem_and_creates_nothing(chain: FakeChain, rig: Rig) -> None:
    spoilt = {**log(FACTORY, CREATED, token(5), "T"), "data": "0x" + "ff" * 40}
    chain.mine([spoilt], [log(token(5), TRANSFER, token(1), token(2), 5), FINE])
    rig.mirror_until(chain.head, chain.url)
    assert rig.rows()["token_transfer"] == []
    assert problems(rig) == [(0, "undecodable", "token_factory_token_created")]


def test_creation__of_contracts_we_know__of_itself__of_nobody(chain: FakeChain, rig: Rig) -> None:
    """A factory may name any address: the raffle, itself, the zero address, the same one twice."""
    zero = "0x" + "00" * 20
    creations = [log(FACTORY, CREATED, address, "T") for address in (RAFFLE, FACTORY, zero, zero)]
    transfers = [log(address, TRANSFER, token(1), token(2), 5) for address in (RAFFLE, FACTORY, zero)]
    chain.mine(creations, [*transfers, FINE], [*creations, *transfers])
    rig.mirror_until(chain.head, chain.url)
    assert [row[3] for row in rig.rows()["token_transfer"]] == [0, 1, 2, 4, 5, 6]
    assert len(rig.rows()["token_factory_token_created"]) == 8
    assert len(rig.rows()["raffle_named"]) == 1


def test_problem__rolled_back__is_gone(chain: FakeChain, rig: Rig) -> None:
    chain.mine([with_data(b"")])
    rig.mirror_until(chain.head, chain.url)
    assert len(problems(rig)) == 1
    chain.fork(1, [[FINE], []])
    rig.mirror_until(chain.head, chain.url)
    assert problems(rig) == []
