"""Terms, details, randomness and seed against the general ABI encoder."""

import hashlib
from dataclasses import replace

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from listener.chain.draw.hashing import address_word, keccak
from listener.chain.draw.seed import draw_seed, randomness
from listener.chain.draw.terms import (
    ZERO_ADDRESS,
    ContestDetails,
    ContestTerms,
    Prize,
    PrizeKind,
    RaffleTerms,
    prizes_hash,
)

CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
WORDS = st.binary(min_size=32, max_size=32)


@given(st.integers(0, 2**256 - 1), st.integers(0, 2**64 - 1), WORDS)
def test_randomness__any_sources__as_encoded(
    vrf_word: int, drand_round: int, drand_randomness: bytes
) -> None:
    assert randomness(vrf_word, drand_round, drand_randomness) == keccak(
        encode(["uint256", "uint64", "bytes32"], [vrf_word, drand_round, drand_randomness])
    )


@given(st.integers(1, 2**64), st.integers(0, 2**256 - 1), WORDS, st.integers(1, 2**64 - 1), WORDS)
def test_draw_seed__any_draw__as_encoded(
    chain_id: int, draw_id: int, commitment: bytes, n: int, mixed: bytes
) -> None:
    types = ["bytes32", "uint256", "address", "uint256", "bytes32", "uint256", "bytes32"]
    values = [keccak(b"TOMBOLA-1/seed"), chain_id, CONTRACT, draw_id, commitment, n, mixed]

    seed = draw_seed(
        chain_id=chain_id, contract=CONTRACT, draw_id=draw_id, commitment=commitment, n=n, randomness=mixed
    )

    assert seed == keccak(encode(types, values))


@given(st.text(max_size=60))
def test_raffle_terms__any_title__as_encoded(title: str) -> None:
    prizes = [Prize(PrizeKind.NATIVE, ZERO_ADDRESS, 10**18, 0), Prize(PrizeKind.ERC721, CONTRACT, 0, 7)]
    terms = RaffleTerms(ZERO_ADDRESS, 10**16, 1_800_000_000, 1, 100, 0, title, prizes)
    config = "(address,uint96,uint64,uint64,uint64,uint64,string,(uint8,address,uint256,uint256)[])"
    values = (
        ZERO_ADDRESS,
        10**16,
        1_800_000_000,
        1,
        100,
        0,
        title,
        [(0, ZERO_ADDRESS, 10**18, 0), (2, CONTRACT, 0, 7)],
    )

    assert terms.hash() == keccak(encode([config], [values]))


def test_contest_details__texts_and_file__each_piece_counts() -> None:
    details = ContestDetails.of(rules="Följ oss", list_file=b"user\nanna\n", post_reference="post/1")
    pieces = [
        keccak("Följ oss".encode()),
        hashlib.sha256(b"user\nanna\n").digest(),
        bytes(32),
        keccak(b"post/1"),
    ]

    assert details.hash() == keccak(encode(["bytes32"] * 4, pieces))
    changed = ContestDetails.of(rules="Följ oss", list_file=b"user\nAnna\n", post_reference="post/1")
    assert changed.hash() != details.hash()


TERMS = (
    "address",
    "bytes32",
    "bytes32",
    "uint64",
    "uint64",
    "uint32",
    "uint32",
    "bytes32",
    "bytes32",
    "uint64",
)


def test_contest_terms__as_encoded() -> None:
    root, key, details = keccak(b"root"), keccak(b"key"), keccak(b"details")
    plain = ContestTerms(CONTRACT, key, root, 9, 2, 1, details)
    values = [CONTRACT, key, root, 9, 0, 2, 1, details, bytes(32), 0]

    assert plain.hash() == keccak(encode(TERMS, values))
    assert plain.n == 9
    prizes = [Prize(PrizeKind.ERC721, CONTRACT, 0, 7), Prize(PrizeKind.NATIVE, ZERO_ADDRESS, 5, 0)]
    full = replace(plain, total_weight=2**64 - 1, prizes=prizes, claims_from=1_800_000_000)
    hashed = keccak(
        encode(["(uint8,address,uint256,uint256)[]"], [[(2, CONTRACT, 0, 7), (0, ZERO_ADDRESS, 5, 0)]])
    )
    values[4], values[8], values[9] = 2**64 - 1, hashed, 1_800_000_000
    assert full.hash() == keccak(encode(TERMS, values))
    assert full.n == 2**64 - 1
    assert prizes_hash([]) == bytes(32)


def test_hashing__wrong_lengths__refused_by_name() -> None:
    with pytest.raises(ValueError, match="The drand randomness has 31 bytes"):
        randomness(0, 1, bytes(31))
    with pytest.raises(ValueError, match="19 bytes instead of 20"):
        address_word("0x" + "11" * 19)
