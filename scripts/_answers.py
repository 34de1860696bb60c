"""What contracts answer when they are asked as somebody, refusals with their bytes: ape's own calls drop those."""

from collections.abc import Mapping, Sequence
from typing import Any

from ape.api import ProviderAPI

from listener.chain.encode import UnreadableError, decode_error
from scripts._evidence import CannotTellError

Answer = tuple[bool, bytes]
"""Whether it answered, and with what; the refusal's bytes otherwise."""


def answer_of(
    provider: ProviderAPI, to: str, data: bytes, sender: str | None = None, value: int = 0
) -> Answer:
    """At the node's head. A node that fails is no refusal: CannotTellError."""
    call = {"to": to, "data": "0x" + data.hex(), "value": hex(value)} | ({"from": sender} if sender else {})
    answer = provider.web3.provider.make_request("eth_call", [call, "latest"])
    error = answer.get("error")
    if error is None:
        return True, bytes.fromhex(answer["result"][2:])
    if not isinstance(error.get("data"), str):
        raise CannotTellError(f"eth_call was not answered: {error.get('message', error)}")
    return False, bytes.fromhex(error["data"].removeprefix("0x"))


def refusal(abi: Sequence[Mapping[str, Any]], data: bytes) -> str:
    """The bytes of a refusal in words, by the interface of who refused."""
    try:
        found = decode_error(abi, data)
    except UnreadableError:
        found = None
    if found is None:
        return f"0x{data.hex()}" if data else "no reason given"
    name, arguments = found
    if name == "Error":
        return str(arguments["message"])
    return f"{name}({', '.join(f'{key}={value}' for key, value in arguments.items())})"


__all__ = ["Answer", "answer_of", "refusal"]
