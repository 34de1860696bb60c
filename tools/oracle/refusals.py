"""Why the coordinator refuses an answer, in words that a person can act on."""

from collections.abc import Mapping, Sequence
from typing import Any

from listener.chain.encode import UnreadableError, decode_error
from listener.chain.faults import PermanentError
from tools.oracle.requests import Request


def reason(abi: Sequence[Mapping[str, Any]], request: Request, refused: PermanentError) -> str:
    """What the refusal of an answer to `request` means; the node's own words where we know no better ones."""
    name = _error_name(abi, refused.data)
    if name == "InsufficientBalance":
        return (
            f"subscription {request.subscription} cannot pay for it; fund it with fundSubscriptionWithNative. "
            "Until then draws go on with drand alone"
        )
    if name == "NoCorrespondingRequest":
        return "it was answered in the meantime, or the chain took it back"
    return f"{refused.message}{f': {name}' if name else ''}"


def _error_name(abi: Sequence[Mapping[str, Any]], data: Any) -> str | None:
    if not isinstance(data, str):
        return None
    try:
        found = decode_error(abi, bytes.fromhex(data.removeprefix("0x")))
    except (UnreadableError, ValueError):
        return None
    return found[0] if found else None
