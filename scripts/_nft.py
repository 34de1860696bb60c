"""Handing an NFT (ERC-721) over to a contract: whose it is, and who may take it."""

from typing import Any

import ape

from listener.chain.registry import RegisteredContract
from scripts._desk import Desk
from scripts._evidence import CannotTellError
from scripts._given import DeskError


def _function(name: str, takes: tuple[str, ...], gives: tuple[str, ...]) -> dict[str, Any]:
    inputs, outputs = ([{"name": "", "type": kind} for kind in kinds] for kinds in (takes, gives))
    mutability = "view" if gives else "nonpayable"
    return {
        "type": "function",
        "name": name,
        "inputs": inputs,
        "outputs": outputs,
        "stateMutability": mutability,
    }


FUNCTIONS = (
    _function("ownerOf", ("uint256",), ("address",)),
    _function("getApproved", ("uint256",), ("address",)),
    _function("approve", ("address", "uint256"), ()),
)


def allow_nft(desk: Desk, token: str, token_id: int, spender: str) -> bool:
    """Let `spender` take the account's NFT, unless it may already; False in a dry run that only said it would."""
    nft = RegisteredContract("NFT", FUNCTIONS, (token,))
    try:
        owner, approved = (desk.chain.view(nft, view, token_id) for view in ("ownerOf", "getApproved"))
    except (CannotTellError, ValueError) as error:
        raise DeskError(f"{token} tells of no NFT {token_id}: correct its address or its number.") from error
    if owner != desk.me:
        raise DeskError(f"NFT {token_id} of {token} belongs to {owner}; you are {desk.me}.")
    if approved == spender:
        return True
    what = f"approve NFT {token_id} of {token}"
    sent = desk.sending.send(what, ape.Contract(token, abi=list(FUNCTIONS)).approve, spender, token_id)
    desk.chain.advance()
    return sent is not None


__all__ = ["allow_nft"]
