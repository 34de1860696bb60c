"""Whether the code on chain is the code of this checkout, contract by contract.

Immutable variables are the one thing that constructors write into code: the compiler leaves `PUSH32 0` for each of them,
which it never writes for a zero of the program (that is `PUSH0`). So those 32 bytes may be anything, nothing else.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from listener.chain.registry import Registry
from scripts._chain import ChainReader
from scripts._evidence import Check

RuntimeOf = Callable[[str], bytes]
"""A contract's compiled code by its name."""

RUNS = {"Vesting": "VestingProxy", "Governor": "TombolaGovernor"}
"""What stands at an address, where it is called otherwise in the registry."""
PARTS = {"vesting_implementation": "Vesting", "token_template": "Token", "plain_token_template": "PlainToken"}
NOT_OURS = ("VRFCoordinator", "GovernanceToken")
PUSH1, PUSH32 = 0x60, 0x7F


@dataclass(frozen=True, slots=True)
class Place:
    """Where a contract of the record stands. `compiled`: what it is called in contracts/, None for one that is not ours.

    `made` is what the record keeps of its making.
    """

    name: str
    address: str
    compiled: str | None
    made: Mapping[str, Any]


def places(registry: Registry, document: Mapping[str, Any]) -> Iterator[Place]:
    """Every recorded contract, what a proxy runs, and what clones are made of."""
    for name, contract in registry.contracts.items():
        if contract.addresses:
            compiled = None if name in NOT_OURS else RUNS.get(name, name)
            yield Place(name, contract.address, compiled, contract.extra)
    for key, compiled in PARTS.items():
        if key in document:
            yield Place(key.replace("_", " "), str(document[key]["address"]), compiled, document[key])


def check_code(
    chain: ChainReader, registry: Registry, document: Mapping[str, Any], runtime_of: RuntimeOf
) -> Iterator[Check]:
    """All places; no contract is asked anything."""
    for place in places(registry, document):
        if place.compiled is None:
            there = chain.has_code(place.address)
            yield Check(f"{place.name} code", None if there else False, _stranger(place.address, there))
        else:
            yield _same(chain, place.name, place.address, runtime_of(place.compiled))


def check_desk(chain: ChainReader, registry: Registry, runtime_of: RuntimeOf) -> Iterator[Check]:
    """The code that the raffle runs by delegation: it names it, and made it itself."""
    desk = chain.view(registry.contract("Raffle"), "desk")
    yield _same(chain, "Raffle's desk", desk, runtime_of("RaffleDesk"))


def _stranger(address: str, there: bool) -> str:
    return f"something stands at {address}, not compiled here" if there else f"nothing stands at {address}"


def _same(chain: ChainReader, name: str, address: str, compiled: bytes) -> Check:
    live = chain.code(address)
    told = f"{address}, keccak 0x{keccak(live).hex()}"
    if masked(live, compiled) == compiled:
        return Check(f"{name} code", True, told)
    wrong = "nothing stands there" if not live else "it is not the code of this checkout"
    return Check(f"{name} code", False, f"{told}: {wrong}")


def masked(live: bytes, compiled: bytes) -> bytes:
    """The live code with zeros where the compiled one leaves room for an immutable variable."""
    if len(live) != len(compiled):
        return live
    found = bytearray(live)
    for start in _room(compiled):
        found[start : start + 32] = bytes(32)
    return bytes(found)


def _room(compiled: bytes) -> Iterator[int]:
    """Where immutable variables go: instruction by instruction, so that no data is taken for one."""
    at = 0
    while at < len(compiled):
        instruction, at = compiled[at], at + 1
        if instruction == PUSH32 and compiled[at : at + 32] == bytes(32):
            yield at
        if PUSH1 <= instruction <= PUSH32:
            at += instruction - PUSH1 + 1


__all__ = ["Place", "check_code", "check_desk", "masked", "places"]
