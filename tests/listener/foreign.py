"""Contracts of other people, as ABIs alone: written down as event signatures, or OpenZeppelin's compiled ones
from node_modules. Encoding and the expected rows use eth_abi, nothing of the listener.
"""

import json
import random
import re
from decimal import Decimal
from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak

from tests.support.processes import ROOT

WETH9 = """
Approval(address indexed src, address indexed guy, uint256 wad)
Transfer(address indexed src, address indexed dst, uint256 wad)
Deposit(address indexed dst, uint256 wad)
Withdrawal(address indexed src, uint256 wad)
"""
UNISWAP_V3_FACTORY = """
OwnerChanged(address indexed oldOwner, address indexed newOwner)
PoolCreated(address indexed token0, address indexed token1, uint24 indexed fee, int24 tickSpacing,
    address pool)
FeeAmountEnabled(uint24 indexed fee, int24 indexed tickSpacing)
"""
UNISWAP_V3_POOL = """
Initialize(uint160 sqrtPriceX96, int24 tick)
Mint(address sender, address indexed owner, int24 indexed tickLower, int24 indexed tickUpper,
    uint128 amount, uint256 amount0, uint256 amount1)
Collect(address indexed owner, address recipient, int24 indexed tickLower, int24 indexed tickUpper,
    uint128 amount0, uint128 amount1)
Burn(address indexed owner, int24 indexed tickLower, int24 indexed tickUpper, uint128 amount,
    uint256 amount0, uint256 amount1)
Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1,
    uint160 sqrtPriceX96, uint128 liquidity, int24 tick)
Flash(address indexed sender, address indexed recipient, uint256 amount0, uint256 amount1,
    uint256 paid0, uint256 paid1)
IncreaseObservationCardinalityNext(uint16 observationCardinalityNextOld, uint16 observationCardinalityNextNew)
SetFeeProtocol(uint8 feeProtocol0Old, uint8 feeProtocol1Old, uint8 feeProtocol0New, uint8 feeProtocol1New)
CollectProtocol(address indexed sender, address indexed recipient, uint128 amount0, uint128 amount1)
"""
COMPOUND_COMPTROLLER = """
MarketListed(address cToken)
MarketEntered(address cToken, address account)
MarketExited(address cToken, address account)
NewCloseFactor(uint256 oldCloseFactorMantissa, uint256 newCloseFactorMantissa)
NewCollateralFactor(address cToken, uint256 oldCollateralFactorMantissa, uint256 newCollateralFactorMantissa)
NewLiquidationIncentive(uint256 oldLiquidationIncentiveMantissa, uint256 newLiquidationIncentiveMantissa)
NewPriceOracle(address oldPriceOracle, address newPriceOracle)
NewPauseGuardian(address oldPauseGuardian, address newPauseGuardian)
ActionPaused(string action, bool pauseState)
ActionPaused(address cToken, string action, bool pauseState)
CompBorrowSpeedUpdated(address indexed cToken, uint256 newSpeed)
CompSupplySpeedUpdated(address indexed cToken, uint256 newSpeed)
ContributorCompSpeedUpdated(address indexed contributor, uint256 newSpeed)
DistributedSupplierComp(address indexed cToken, address indexed supplier, uint256 compDelta,
    uint256 compSupplyIndex)
DistributedBorrowerComp(address indexed cToken, address indexed borrower, uint256 compDelta,
    uint256 compBorrowIndex)
NewBorrowCap(address indexed cToken, uint256 newBorrowCap)
NewBorrowCapGuardian(address oldBorrowCapGuardian, address newBorrowCapGuardian)
CompGranted(address recipient, uint256 amount)
CompAccruedAdjusted(address indexed user, uint256 oldCompAccrued, uint256 newCompAccrued)
CompReceivableUpdated(address indexed user, uint256 oldCompReceivable, uint256 newCompReceivable)
Failure(uint256 error, uint256 info, uint256 detail)
"""

Entry = dict[str, Any]


def written(signatures: str) -> list[Entry]:
    """A JSON ABI of `Name(type [indexed] name, …)` lines; an indented line goes on with the one above."""
    return [_event(line) for line in signatures.replace("\n    ", " ").strip().splitlines()]


def _event(line: str) -> Entry:
    name, inside = line[:-1].split("(", 1)
    arguments = [re.split(r"\s+", part.strip()) for part in inside.split(",")]
    inputs = [{"type": a[0], "name": a[-1], "indexed": "indexed" in a} for a in arguments]
    return {"type": "event", "name": name, "anonymous": False, "inputs": inputs}


def openzeppelin(name: str) -> list[Entry]:
    """The ABI in OpenZeppelin's published build of a contract (MIT)."""
    path = ROOT / "node_modules" / "@openzeppelin" / "contracts" / "build" / "contracts" / f"{name}.json"
    abi: list[Entry] = json.loads(path.read_text())["abi"]
    return abi


def events(abi: list[Entry]) -> list[Entry]:
    return [entry for entry in abi if entry["type"] == "event"]


def canonical(argument: Entry) -> str:
    """A type as eth_abi and signatures spell it."""
    kind: str = argument["type"]
    if kind.startswith("tuple"):
        return f"({','.join(map(canonical, argument['components']))}){kind[5:]}"
    return kind


def topic0(entry: Entry) -> bytes:
    return keccak(f"{entry['name']}({','.join(map(canonical, entry['inputs']))})".encode())


def is_value(kind: str) -> bool:
    return not (kind.endswith(("]", ")")) or kind in ("string", "bytes"))


def random_value(kind: str, rng: random.Random) -> Any:
    """A value of a type in eth_abi's form, extremes included."""
    if kind.endswith("]"):
        item, _, size = kind[:-1].rpartition("[")
        return [random_value(item, rng) for _ in range(int(size) if size else rng.randrange(4))]
    if kind.startswith(("uint", "int")):
        bits = int(kind.removeprefix("u").removeprefix("int"))
        low, high = (0, 2**bits - 1) if kind[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        return rng.choice((low, high, rng.randint(low, high)))
    if kind == "address":
        return "0x" + rng.randbytes(20).hex()
    if kind == "bool":
        return rng.random() < 0.5
    if kind == "string":
        return rng.choice(("", "plain", "naïve 🎟 “quoted”", "x" * rng.randrange(200)))
    size = kind.removeprefix("bytes")
    return rng.randbytes(int(size) if size else rng.randrange(70))


def encoded(entry: Entry, values: list[Any]) -> tuple[list[bytes], bytes]:
    """Topics and data. The topic of an indexed dynamic argument is a hash: `values` holds it as 32 bytes."""
    topics, kinds, rest = [topic0(entry)], [], []
    for argument, value in zip(entry["inputs"], values, strict=True):
        kind = canonical(argument)
        if argument["indexed"]:
            topics.append(encode([kind], [value]) if is_value(kind) else value)
        else:
            kinds.append(kind)
            rest.append(value)
    return topics, encode(kinds, rest)


def random_values(entry: Entry, rng: random.Random) -> list[Any]:
    kinds = [(canonical(argument), argument["indexed"]) for argument in entry["inputs"]]
    return [
        rng.randbytes(32) if indexed and not is_value(kind) else random_value(kind, rng)
        for kind, indexed in kinds
    ]


def column(argument: Entry, value: Any) -> Any:
    """What the documented column of an argument holds, as psycopg reads it."""
    kind = canonical(argument)
    if argument["indexed"] and not is_value(kind):
        return value
    if kind.endswith(("]", ")")):
        return as_json(argument, value)
    if kind == "address":
        return bytes.fromhex(value[2:]) if isinstance(value, str) else value
    if kind.startswith(("uint", "int")):
        bits = int(kind.removeprefix("u").removeprefix("int"))
        return value if bits <= (56 if kind[0] == "u" else 64) else Decimal(value)
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def as_json(argument: Entry, value: Any) -> Any:
    """The documented form in jsonb: integers as decimal strings, bytes as 0x-hex, named tuples as objects."""
    kind: str = argument["type"]
    if kind.endswith("]"):
        return [as_json({**argument, "type": kind[: kind.rindex("[")]}, part) for part in value]
    if kind == "tuple":
        parts = [as_json(one, part) for one, part in zip(argument["components"], value, strict=True)]
        names = [one["name"] for one in argument["components"]]
        return dict(zip(names, parts, strict=True)) if all(names) else parts
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return value if kind == "address" else value.replace("\0", "\ufffd")
