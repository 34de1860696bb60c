"""A call before it is sent: what the node says that it needs, or by which error the contract would refuse it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ape.api import ProviderAPI
from ape.contracts.base import ContractTransactionHandler
from ethpm_types.abi import ErrorABI

from listener.chain.encode import UnreadableError, decode_error


class SendError(Exception):
    """A transaction that would be or was refused; the message says which one, and by what."""


@dataclass(frozen=True, slots=True)
class Call:
    """`to` None makes a contract; `errors` are those that it may refuse with; `value` in wei."""

    what: str
    to: str | None
    data: bytes
    value: int
    errors: Iterable[ErrorABI] = ()

    @classmethod
    def of(cls, what: str, method: ContractTransactionHandler, args: tuple[Any, ...], value: int) -> "Call":
        """Of a method of an ape contract."""
        contract = method.contract
        errors = contract.contract_type.errors
        return cls(what, str(contract.address), bytes(method.encode_input(*args)), value, errors)

    def estimate(self, provider: ProviderAPI, sender: str) -> int:
        """Gas, by the node itself: ape's preparing would refuse an account that has no money yet. Raises SendError."""
        transaction = {
            "from": sender,
            "data": "0x" + self.data.hex(),
            "value": hex(self.value),
            **({} if self.to is None else {"to": self.to}),
        }
        # ape's own `make_request` drops the data of a refusal, which names the contract's error.
        try:
            answer = provider.web3.provider.make_request("eth_estimateGas", [transaction])
        except OSError as error:
            raise SendError(f"{self.what}: not sent, the node gave no estimate. {error}") from error
        if "error" not in answer:
            return int(answer["result"], 16)
        told = answer["error"]
        reason = self._own_error(told.get("data")) or told.get("message", "No reason was given.")
        raise SendError(f"{self.what}: would be refused. {reason}")

    def _own_error(self, data: object) -> str | None:
        """The contract's own error with its arguments; None where it is none of its errors."""
        abi = [error.model_dump(mode="json", by_alias=True) for error in self.errors]
        try:
            found = decode_error(abi, bytes.fromhex(str(data or "").removeprefix("0x")))
        except (UnreadableError, ValueError):
            return None
        if found is None:
            return None
        name, arguments = found
        return f"{name}({', '.join(f'{key}={value}' for key, value in arguments.items())})"


__all__ = ["Call", "SendError"]
