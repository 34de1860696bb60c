"""Several views of contracts, asked at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.chain import PATIENCE, ChainUnavailable
from backend.hexes import from_hex, to_hex
from backend.services import Services
from listener.chain.encode import UnknownFunctionError, UnreadableError, decode_result, encode_call
from listener.chain.faults import RpcError
from listener.chain.rpc import Call

Abi = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Question:
    """A view of the contract at `to`."""

    to: str
    abi: Abi
    function: str
    arguments: tuple[Any, ...] = ()


async def ask(services: Services, questions: Sequence[Question]) -> list[tuple[Any, ...] | None]:
    """What each view answers in the latest block; None where the contract has no such view, or refuses.

    Raises ChainUnavailable.
    """
    calls: list[Call] = []
    asked: list[int] = []
    for position, question in enumerate(questions):
        try:
            data = encode_call(question.abi, question.function, question.arguments)
        except UnknownFunctionError:
            continue
        calls.append(Call("eth_call", [{"to": question.to, "data": to_hex(data)}, "latest"]))
        asked.append(position)
    found: list[tuple[Any, ...] | None] = [None] * len(questions)
    for position, answer in zip(asked, await _batch(services, calls), strict=True):
        question = questions[position]
        if isinstance(answer, str):
            try:
                found[position] = decode_result(question.abi, question.function, from_hex(answer))
            except (UnreadableError, ValueError):
                continue  # there is another contract, or none
    return found


async def native_balances(services: Services, addresses: Sequence[str]) -> list[int]:
    """Latest balances of the chain's own currency; raises ChainUnavailable."""
    calls = [Call("eth_getBalance", [address, "latest"]) for address in addresses]
    answers = await _batch(services, calls)
    return [int(answer, 16) if isinstance(answer, str) else 0 for answer in answers]


async def _batch(services: Services, calls: Sequence[Call]) -> list[Any]:
    if not calls:
        return []
    try:
        return await services.rpc.batch(calls, patience=PATIENCE)
    except RpcError as error:
        raise ChainUnavailable(f"The chain cannot be asked right now: {error}") from None
