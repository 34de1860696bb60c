"""What a refused call says, and expecting exactly that.

with reverts(raffle.RaffleNotOpen, raffleId=1):          a custom error; the arguments given must be these
with reverts("ERC20InsufficientBalance"):                the same by name, whoever declares it
with reverts(panic=0x11): … reverts(message="Paused"):   Solidity's own two
with reverts(empty=True):                                no data at all: require(false), out of gas, no such function

Anything else fails the test: another error, other arguments, no revert.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from eth_abi import decode
from eth_utils import keccak

from tests.evm.abi import ErrorAbi, Registry, plain

_MESSAGE = keccak(text="Error(string)")[:4]
_PANIC = keccak(text="Panic(uint256)")[:4]


class Reverted(Exception):  # noqa: N818 - it says what happened
    """The call was refused. `data` is what it said, `name` the error's name, "" where there is none."""

    def __init__(self, data: bytes, reason: str, registry: Registry) -> None:
        self.data = data
        self.error: ErrorAbi | None = registry.errors.get(data[:4])
        self.name, self.arguments = self._read(data)
        inside = ", ".join(f"{key}={value!r}" for key, value in self.arguments.items())
        super().__init__(f"{self.name}({inside})" if self.name else data.hex() or reason)

    def _read(self, data: bytes) -> tuple[str, dict[str, Any]]:
        if data[:4] == _MESSAGE:
            return "Error", {"message": decode(["string"], data[4:])[0]}
        if data[:4] == _PANIC:
            return "Panic", {"code": decode(["uint256"], data[4:])[0]}
        return (self.error.name, self.error.arguments(data)) if self.error else ("", {})


@contextmanager
def reverts(
    error: ErrorAbi | str | None = None,
    *,
    panic: int | None = None,
    message: str | None = None,
    empty: bool = False,
    **arguments: Any,
) -> Iterator[None]:
    """Exactly this revert inside the block; see the module's words."""
    if (error is not None) + (panic is not None) + (message is not None) + empty != 1:
        raise TypeError("reverts() takes one of: an error, panic=, message=, empty=True")
    refusal = None
    try:
        yield
    except Reverted as caught:
        refusal = caught
    if refusal is None:
        raise AssertionError(f"expected a revert with {_wanted(error, panic, message)}, there was none")
    if panic is not None:
        _expect(refusal, "Panic", {"code": panic})
    elif message is not None:
        _expect(refusal, "Error", {"message": message})
    elif empty:
        assert refusal.data == b"", f"expected a revert without data, got {refusal}"
    elif isinstance(error, ErrorAbi):
        assert refusal.data[:4] == error.selector, f"expected {error.signature}, got {refusal}"
        _expect(refusal, error.name, arguments)
    else:
        _expect(refusal, str(error), arguments)


def _wanted(error: ErrorAbi | str | None, panic: int | None, message: str | None) -> str:
    if isinstance(error, ErrorAbi):
        return error.signature
    return str(error or message or (f"panic {panic:#x}" if panic is not None else "no data"))


def _expect(refusal: Reverted, name: str, arguments: dict[str, Any]) -> None:
    assert refusal.name == name, f"expected {name}, got {refusal}"
    unknown = arguments.keys() - refusal.arguments.keys()
    assert not unknown, f"{refusal} has no {', '.join(sorted(unknown))}"
    given = {key: refusal.arguments[key] for key in arguments}
    expected = {key: _comparable(value) for key, value in arguments.items()}
    assert {key: _comparable(value) for key, value in given.items()} == expected, (
        f"{refusal}, expected {arguments}"
    )


def _comparable(value: Any) -> Any:
    value = plain(value)
    if isinstance(value, str) and value[:2] == "0x" and len(value) == 42:
        return value.lower()
    return value
