"""While a token is being moved, the contract that moves it can be called by nobody: each function that is to be guarded,
tried from inside by a token that calls back. A guard comes before everything else, so what is asked does not matter."""

from typing import Any

import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.contracts.contest_kit import ContestKit
from tests.contracts.kit import RaffleKit, erc20_prize, event, native_prize
from tests.contracts.vesting_kit import VestingKit, plan
from tests.evm import reverts
from tests.evm.abi import type_of
from tests.evm.build import Build

# What moves nothing and calls nobody, or only the drand verifier, which changes nothing.
SETTINGS = {"acceptOwnership", "renounceOwnership", "setVrfConfig", "transferOwnership"}
DRAWS = {"finalise", "rawFulfillRandomWords"}
RAFFLE = SETTINGS | DRAWS | {"openRefunds", "setFee", "setPriceFeed"}
PERSONAL = {
    "acceptTransfer",
    "completeRecovery",
    "delegate",
    "forbidRecovery",
    "proposeRecovery",
    "proposeTransfer",
}
GOVERNING = {"initialize", "pauseUntil", "setGuardian", "sweepSurplus", "upgradeToAndCall"}
VESTING = SETTINGS | PERSONAL | GOVERNING | {"createPlan", "renounceRevocation", "settle", "vetoRecovery"}
CONTEST = SETTINGS | DRAWS | {"disqualify", "proveRepeat"}


def nothing(kind: str, parts: list[Any]) -> Any:
    """A value of this type: zero, or empty."""
    if kind.endswith("]"):
        return []
    if kind == "tuple":
        return tuple(nothing(part["type"], part.get("components", [])) for part in parts)
    if kind == "address":
        return "0x" + 40 * "0"
    if kind.startswith("bytes"):
        return bytes(int(kind[5:] or 0))
    return {"bool": False, "string": ""}.get(kind, 0)


def calls(contract: str, without: set[str]) -> list[Any]:
    """A call of every function that changes something, with nothing as arguments."""
    found = []
    for entry in Build().artifacts[contract]["abi"]:
        if entry["type"] != "function" or entry["stateMutability"] in ("view", "pure"):
            continue
        if entry["name"] not in without:
            kinds = [type_of(parameter) for parameter in entry["inputs"]]
            values = [nothing(each["type"], each.get("components", [])) for each in entry["inputs"]]
            selector = keccak(text=f"{entry['name']}({','.join(kinds)})")[:4]
            found.append(pytest.param(selector + encode(kinds, values), id=entry["name"]))
    return found


@pytest.mark.parametrize("call", calls("Raffle", RAFFLE))
def test_raffle__a_token_calls_back_while_a_prize_is_paid__is_refused(
    kit: RaffleKit, raffle: Any, project: Any, organiser: Any, buyer: Any, call: bytes
) -> None:
    token = organiser.deploy(project.HookERC20)
    token.mint(organiser, 5, sender=organiser)
    token.approve(raffle, 5, sender=organiser)
    raffle_id = kit.create(prizes=[erc20_prize(token, 5)])
    kit.buy(raffle_id, buyer)
    kit.draw(raffle_id)
    token.callBack(raffle, call, sender=buyer)
    with reverts(raffle.ReentrancyGuardReentrantCall):
        raffle.claimTo(raffle_id, 0, organiser, sender=buyer)
    assert token.balanceOf(raffle) == 5


@pytest.mark.parametrize("call", calls("Contest", CONTEST))
def test_contest__a_token_calls_back_while_prizes_are_taken__is_refused(
    contests: ContestKit, project: Any, owner: Any, call: bytes
) -> None:
    contest = contests.contest
    token = owner.deploy(project.HookERC20)
    token.mint(contests.organiser, 5, sender=owner)
    token.approve(contest, 5, sender=contests.organiser)
    token.callBack(contest, call, sender=owner)
    extras = (0, contests.claims_from(), [erc20_prize(token, 5), native_prize(1)])
    with reverts(contest.ReentrancyGuardReentrantCall):
        contest.openWith(contests.config(contests.listed()), extras, sender=contests.organiser, value=1)
    assert token.balanceOf(contest) == 0


@pytest.mark.parametrize("call", calls("Vesting", VESTING))
def test_vesting__a_token_calls_back_while_a_grant_is_paid__is_refused(
    vestings: VestingKit, project: Any, owner: Any, buyer: Any, call: bytes
) -> None:
    vesting, creator = vestings.vesting, vestings.creator
    token = owner.deploy(project.HookERC20)
    token.mint(creator, 5, sender=owner)
    token.approve(vesting, 5, sender=creator)
    plan_id = event(vesting.createPlan(plan(token), sender=creator), "PlanCreated").planId
    token.callBack(vesting, call, sender=creator)
    with reverts(vesting.ReentrancyGuardReentrantCall):
        vesting.grant(plan_id, [(buyer, 5)], sender=creator)
    assert token.balanceOf(vesting) == 0
