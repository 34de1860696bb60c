"""Chainlink's VRF coordinator in a deployment: its interface, and how one of our own is set up.

A development chain has none, so Chainlink's VRFCoordinatorV2_5 is deployed there, unchanged (tools/chainlink). Its
settings are of the kind that Chainlink uses: fees in the chain's own currency, one proving key.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from ape.contracts import ContractContainer, ContractInstance
from ethpm_types import ContractType

from listener.chain.draw.ecvrf import Point, is_on_curve, key_hash
from scripts._networks import Network
from tools.chainlink import coordinator

NO_BLOCKHASH_STORE = "0x" + "00" * 20
"""Answers that come later than 256 blocks would need one."""
MOST_CALLBACK_GAS = 2_500_000
FEED_STALENESS = 86_400
GAS_AFTER_PAYMENT = 33_285
WEI_PER_LINK = 4 * 10**15
FLAT_FEES = (0, 0)
PREMIUMS = (60, 50)
"""Per cent on the gas that answering costs, paid in the chain's own currency or in LINK."""
LANE_GAS_PRICE = 10**13
"""Most that a unit of gas may cost an answer, in wei."""

Step = tuple[str, str, tuple[object, ...]]


class ProvingKeyError(ValueError):
    """A file that holds no proving key."""


def container() -> ContractContainer:
    """Chainlink's contract as ape deploys and calls it."""
    found = coordinator()
    return ContractContainer(
        ContractType.model_validate(
            {
                "contractName": found.name,
                "abi": found.abi,
                "deploymentBytecode": {"bytecode": "0x" + found.bytecode.hex()},
            }
        )
    )


def read_proving_key(path: Path) -> Point:
    """The public key in what `python -m tools.oracle init` wrote. Raises ProvingKeyError."""
    try:
        raw = bytes.fromhex(json.loads(path.read_text())["vrf_public_key"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ProvingKeyError(f"{path} holds no vrf_public_key: {type(error).__name__} {error}.") from error
    point = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    if len(raw) != 64 or not is_on_curve(point):
        raise ProvingKeyError(f"vrf_public_key in {path} is no point of secp256k1.")
    return point


def missing_steps(coordinator: ContractInstance, network: Network, key: Point | None) -> Iterator[Step]:
    """What a coordinator of our own still lacks: a sentence, a function and its arguments."""
    config = (
        *(network.request_confirmations, MOST_CALLBACK_GAS, FEED_STALENESS, GAS_AFTER_PAYMENT, WEI_PER_LINK),
        *FLAT_FEES,
        *PREMIUMS,
    )
    if coordinator.s_config().maxGasLimit == 0:
        yield "fees and limits set", "setConfig", config
    if key is not None and not coordinator.s_provingKeys(key_hash(key)).exists:
        yield f"proving key 0x{key_hash(key).hex()} registered", "registerProvingKey", (key, LANE_GAS_PRICE)
