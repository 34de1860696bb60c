"""Parameters and balances of the live system beside what is recorded.

What a parameter is meant to be follows from the recorded constructor's arguments and from `_networks.py`; what a vote has
changed since is meant once somebody has accepted it (`ape run check --accept`), and stands in the record's `parameters`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from listener.chain.registry import Registry
from scripts._chain import ChainReader
from scripts._creation import plain
from scripts._evidence import Check
from scripts._networks import network_of

ZERO_ADDRESS = "0x" + "00" * 20
RANDOMNESS = {"beacon": (1,), "revealDelay": (2,), "vrfMargin": (3,), "vrfConfig": (4,)}
BY_ARGUMENTS: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "Raffle": {**RANDOMNESS, "refundDelay": (5,), "feeConfig": (6, 7)},
    "Contest": RANDOMNESS,
    "TokenFactory": {"treasury": (1,), "vesting": (2,), "fee": (3,)},
    "Attestations": {"publisher": (1,)},
    "Governor": {"proposalGuardian": (3,)},
}
"""Contract → view → which of its constructor's arguments it tells."""
GOVERNOR_SETTINGS = (
    "votingDelay",
    "votingPeriod",
    "lateQuorumVoteExtension",
    "proposalThreshold",
    "quorumNumerator()",
)


@dataclass(frozen=True, slots=True)
class Floors:
    """Wei below which a balance is a finding, and whose account the keepers' is."""

    keepers: tuple[str, ...]
    keeper: int
    subscription: int


def parameters(
    chain: ChainReader, registry: Registry, document: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """`Contract.view` → what it tells now and what it is meant to tell, both as the record writes values."""
    found: dict[str, tuple[Any, Any]] = {}

    def add(name: str, view: str, meant: Any, *arguments: Any) -> None:
        told = _words(chain.view(registry.contract(name), view, *arguments))
        found[f"{name}.{view.removesuffix('()')}"] = (told, _words(meant))

    for name, views in BY_ARGUMENTS.items():
        if name not in registry.contracts:
            continue
        given = registry.contract(name).extra["arguments"]
        for view, places in views.items():
            add(name, view, given[places[0]] if len(places) == 1 else [given[place] for place in places])
    *_, guardian, settings = registry.contract("Governor").extra["arguments"]
    for view, meant in zip(GOVERNOR_SETTINGS, settings, strict=True):
        add("Governor", view, meant)
    add("Vesting", "guardian", guardian)
    network = network_of(chain.chain_id)
    add("Timelock", "getMinDelay", network.governance.timelock_delay)
    feed = (document.get("price_feed") or {}).get("address") or network.price_feed.address
    add("Raffle", "priceFeedOf", [feed, network.price_feed.max_age], ZERO_ADDRESS)
    accepted: Mapping[str, Any] = document.get("parameters", {})
    return {name: (told, accepted.get(name, meant)) for name, (told, meant) in found.items()}


def check_parameters(chain: ChainReader, registry: Registry, document: Mapping[str, Any]) -> Iterator[Check]:
    """Each parameter that can be set: as it was recorded, or as it was accepted."""
    for name, (told, meant) in parameters(chain, registry, document).items():
        right = _lower(told) == _lower(meant)
        yield Check(name, right, _shown(told) + ("" if right else f", meant is {_shown(meant)}"))


def check_balances(
    chain: ChainReader, registry: Registry, document: Mapping[str, Any], floors: Floors
) -> Iterator[Check]:
    """Enough for whoever pays: the keepers' accounts and the VRF subscription, which serves our contracts."""
    keepers = floors.keepers or _publisher(chain, registry)
    for keeper in keepers:
        held = chain.balance(keeper)
        yield Check(
            f"keeper {keeper}", held >= floors.keeper, f"{held} wei, at least {floors.keeper} are wanted"
        )
    if not keepers:
        yield Check("keeper", None, "no --keeper was named and nobody publishes proofs of backing")
    vrf = document.get("vrf")
    if vrf is None:
        return
    coordinator, number = registry.contract("VRFCoordinator"), int(vrf["subscription_id"])
    _, native, _, _, consumers = chain.view(coordinator, "getSubscription", number)
    yield Check(
        "VRF subscription balance",
        native >= floors.subscription,
        f"{native} wei, at least {floors.subscription} are wanted",
    )
    served = {str(one).lower() for one in consumers}
    missing = [
        name for name in ("Raffle", "Contest") if registry.contract(name).address.lower() not in served
    ]
    yield Check(
        "VRF subscription serves", not missing, f"not {', '.join(missing)}" if missing else "Raffle, Contest"
    )


def _publisher(chain: ChainReader, registry: Registry) -> tuple[str, ...]:
    """The keeper's account publishes proofs of backing."""
    if "Attestations" not in registry.contracts:
        return ()
    found = str(chain.view(registry.contract("Attestations"), "publisher"))
    return () if found == ZERO_ADDRESS else (found,)


def _words(value: Any) -> Any:
    if isinstance(value, Mapping):
        value = list(value.values())
    return [_words(part) for part in value] if isinstance(value, (list, tuple)) else plain(value)


def _lower(value: Any) -> Any:
    return [_lower(part) for part in value] if isinstance(value, list) else str(value).lower()


def _shown(value: Any) -> str:
    parts: Sequence[Any] = value if isinstance(value, list) else [value]
    return ", ".join(str(part) for part in parts)


__all__ = ["Floors", "check_balances", "check_parameters", "parameters"]
