"""Allow-lists beside shared vectors, and beside the check that OpenZeppelin's MerkleProof makes of a proof."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from listener.chain.draw.allow_list import AllowList, allow_key, allow_leaf

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "allow.json").read_text())
KEY = bytes.fromhex(VECTORS["key"][2:])


def _leaf(guest: dict[str, str]) -> bytes:
    return allow_leaf(
        chain_id=VECTORS["chain_id"],
        contract=VECTORS["contract"],
        key=KEY,
        account=guest["account"],
        allowance=int(guest["allowance"]),
    )


def _climb(leaf: bytes, proof: Sequence[bytes]) -> bytes:
    for sibling in proof:
        leaf = keccak(min(leaf, sibling) + max(leaf, sibling))
    return leaf


def test_allow_key__organiser_and_salt__is_what_the_contract_hashes() -> None:
    salt = bytes.fromhex(VECTORS["salt"][2:])
    assert allow_key(VECTORS["organiser"], salt) == KEY
    assert keccak(encode(["address", "bytes32"], [VECTORS["organiser"], salt])) == KEY


def test_allow_leaf__an_account__is_what_the_contract_hashes() -> None:
    guest = VECTORS["lists"][-1]["guests"][3]
    types = ["bytes32", "uint256", "address", "bytes32", "address", "uint64"]
    tag = keccak(text="TOMBOLA-1/allow")
    values = [tag, VECTORS["chain_id"], VECTORS["contract"], KEY, guest["account"], int(guest["allowance"])]
    assert _leaf(guest) == keccak(keccak(encode(types, values)))


@pytest.mark.parametrize("listed", VECTORS["lists"], ids=lambda listed: len(listed["guests"]))
def test_allow_list__every_size__root_and_proofs_as_in_the_vectors(listed: dict[str, Any]) -> None:
    leaves = [_leaf(guest) for guest in listed["guests"]]
    tree = AllowList(leaves)
    assert "0x" + tree.root.hex() == listed["root"]
    for index, leaf in enumerate(leaves):
        proof = tree.proof(index)
        assert ["0x" + node.hex() for node in proof] == listed["proofs"][index]
        assert _climb(leaf, proof) == tree.root


def test_allow_list__empty__refused() -> None:
    with pytest.raises(ValueError, match="at least one leaf"):
        AllowList([])
