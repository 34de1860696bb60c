"""Whether the code on chain is the code of this checkout, contract by contract.

Immutable variables are the one thing that constructors write into code: the compiler leaves `PUSH32 0` for each of them,
which it never writes for a zero of the program (that is `PUSH0`). So those 32 bytes may be anything, nothing else.
"""

from collections.abc import Callable, Iterator, Mapping
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


def check_code(
    chain: ChainReader, registry: Registry, document: Mapping[str, Any], runtime_of: RuntimeOf
) -> Iterator[Check]:
    """Every recorded contract, what a proxy runs, and what clones are made of; no contract is asked anything."""
    for name, contract in registry.contracts.items():
        if not contract.addresses:
            continue
        if name in NOT_OURS:
            there = chain.has_code(contract.address)
            yield Check(f"{name} code", None if there else False, _stranger(contract.address, there))
        else:
            yield _same(chain, name, contract.address, runtime_of(RUNS.get(name, name)))
    for key, compiled in PARTS.items():
        if key in document:
            yield _same(chain, key.replace("_", " "), str(document[key]["address"]), runtime_of(compiled))


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


__all__ = ["check_code", "check_desk", "masked"]
