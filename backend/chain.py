"""Plain questions to the chain: balances and views. The RPC pool retries and fails over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.contracts import ERC20, Contracts, arguments_of, tame
from backend.errors import AppError, ServiceUnavailable
from backend.hexes import from_hex, to_hex
from listener.chain.encode import UnreadableError, encode_call
from listener.chain.faults import PermanentError, RpcError
from listener.chain.rpc import Call, RpcPool
from listener.redaction import clean

PATIENCE = 4.0


class ChainUnavailable(ServiceUnavailable):
    """No RPC provider answers right now; try again shortly"""

    def __init__(self, detail: str) -> None:
        super().__init__(clean(detail))  # providers quote the URL that they were asked at


class ContractRefused(AppError):
    """The contract refuses this; `contract_error` is its own error name"""

    status = 409


@dataclass(frozen=True)
class Token:
    """A token's address and how to show its amounts; `decimals` is None where nobody told us."""

    address: str
    symbol: str
    decimals: int | None


async def view(rpc: RpcPool, contracts: Contracts, name: str, function: str, arguments: Sequence[Any]) -> Any:
    """Result of a registered contract's view; a tuple when it returns several values.

    Raises ContractRefused with the contract's own error, or ChainUnavailable.
    """
    call = {"to": contracts.address(name), "data": to_hex(contracts.encode(name, function, arguments))}
    try:
        data = await rpc.call("eth_call", [call, "latest"], result=str, patience=PATIENCE)
    except PermanentError as error:
        code, sentence = refusal(contracts, error)
        raise ContractRefused(sentence, contract_error=code, arguments=arguments_of(code, sentence)) from None
    except RpcError as error:
        raise ChainUnavailable(f"The chain cannot be asked right now: {error}") from None
    try:
        values = contracts.decode(name, function, from_hex(data))
    except UnreadableError as error:
        raise ChainUnavailable(
            f"{name} cannot be asked right now: {error}. Is it another contract?"
        ) from None
    return values[0] if len(values) == 1 else values


async def balances(rpc: RpcPool, address: str, tokens: Sequence[str]) -> list[int]:
    """Latest balance of the currency, then of each token (0 where one does not answer), smallest units."""
    data = to_hex(encode_call(ERC20, "balanceOf", [address]))
    calls = [
        Call("eth_getBalance", [address, "latest"]),
        *(Call("eth_call", [{"to": token, "data": data}, "latest"]) for token in tokens),
    ]
    try:
        answers = await rpc.batch(calls, patience=PATIENCE)
    except RpcError as error:
        raise ChainUnavailable(f"The chain cannot be asked right now: {error}") from None
    return [_quantity(answer) for answer in answers]


def refusal(contracts: Contracts, error: PermanentError) -> tuple[str, str]:
    """(code, sentence) of a call that the node executed and the contract refused. Never raises."""
    data = error.data
    if isinstance(data, dict):  # some nodes wrap the revert data
        data = data.get("data") or data.get("result")
    if isinstance(data, str) and data.startswith("0x"):
        explained = contracts.explain(data)
        if explained is not None:
            return explained
        if len(data) > 2:
            return (
                "contract_refused",
                tame(f"The contract refused with error {data[:10]}, which no known contract declares so."),
            )
    return "contract_refused", tame(f"The contract refused: {clean(error.message)}")


def _quantity(answer: Any) -> int:
    if not isinstance(answer, str) or len(answer) <= 2:
        return 0
    return int(answer[:66], 16)
