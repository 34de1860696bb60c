"""The packed words of vesting, bit by bit, as a proxy holds them: an upgrade has to find them where they are.

The layout check sees only that a slot is a `uint256`; what stands in its bits is held here.
"""

from typing import Any

import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.contracts.kit import DAY, ZERO
from tests.contracts.vesting_kit import RECOVERY_PERIOD, VestingKit
from tools.storage_layout import snapshot

BOOK = (int.from_bytes(keccak((int.from_bytes(keccak(text="tombola.vesting")) - 1).to_bytes(32)))) & ~0xFF
AMOUNT = 10**20 + 7


def word(*fields: tuple[int, int]) -> int:
    """From the lowest bit: values and how many bits each has."""
    found, at = 0, 0
    for value, bits in fields:
        assert 0 <= value < 2**bits
        found |= value << at
        at += bits
    assert at <= 256
    return found


def address(account: Any) -> tuple[int, int]:
    return int(str(account), 16), 160


def place(name: str, key: int) -> int:
    """The slot of a mapping's element."""
    lines = snapshot()["Vesting"]["namespaces"]["erc7201:tombola.vesting"]
    slot = next(int(line.split("+")[0]) for line in lines if line.endswith(f" {name}"))
    return int.from_bytes(keccak(encode(["uint256", "uint256"], [key, BOOK + slot])))


def held(vestings: VestingKit, name: str, key: int, offset: int = 0) -> int:
    found: int = vestings.chain.engine.storage(vestings.vesting.address, place(name, key) + offset)
    return found


@pytest.mark.parametrize(
    ("cliff", "duration", "step", "unit", "size"),
    [
        (90 * DAY, 360 * DAY, 30 * DAY, 3, DAY),
        (3 * 3_600, 5_000 * 3_600, 7 * 3_600, 2, 3_600),
        (60, 600 * 60, 120, 1, 60),
    ],
)
def test_plan__whole_units__stands_in_the_first_word(
    vestings: VestingKit, buyer: Any, cliff: int, duration: int, step: int, unit: int, size: int
) -> None:
    terms = {"cliff": cliff, "duration": duration, "step": step, "startUnlockBps": 1_234}
    plan_id = vestings.create((buyer, AMOUNT), **terms) >> 64
    start = int(vestings.vesting.planOf(plan_id)[0].start)
    curve = (
        (1_234, 14),
        (start, 34),
        (unit, 2),
        (duration // size, 16),
        (cliff // size, 16),
        (step // size, 14),
    )
    assert held(vestings, "plans", plan_id) == word(address(vestings.token), *curve)
    # Creator, whether revocation was renounced, the number of grants.
    assert held(vestings, "plans", plan_id, 1) == word(address(vestings.creator), (0, 1), (1, 31))


def test_plan__odd_seconds__stands_in_both_words(vestings: VestingKit, buyer: Any) -> None:
    cliff, duration, step = 91 * DAY + 1, 365 * DAY, 13
    plan_id = vestings.create((buyer, AMOUNT), cliff=cliff, duration=duration, step=step) >> 64
    start = int(vestings.vesting.planOf(plan_id)[0].start)
    vestings.vesting.renounceRevocation(plan_id, sender=vestings.creator)
    curve = ((1_000, 14), (start, 34), (0, 2), (duration, 32))
    assert held(vestings, "plans", plan_id) == word(address(vestings.token), *curve)
    second = word(address(vestings.creator), (1, 1), (1, 31), (cliff, 32), (step, 32))
    assert held(vestings, "plans", plan_id, 1) == second


def test_grant__released_and_delegated__stands_in_two_words(
    vestings: VestingKit, buyer: Any, stranger: Any
) -> None:
    grant_id = vestings.create((buyer, AMOUNT))
    assert held(vestings, "grants", grant_id) == word(address(buyer), (AMOUNT, 95), (0, 1))
    assert held(vestings, "progress", grant_id) == 0
    vestings.wait(grant_id, 200 * DAY)
    vestings.vesting.release(grant_id, sender=stranger)
    vestings.vesting.delegate([grant_id], stranger, sender=buyer)
    released = vestings.vesting.grantOf(grant_id).released
    assert 0 < released < AMOUNT
    assert held(vestings, "progress", grant_id) == word((released, 96), address(stranger))


def test_grant__revoked_and_to_be_recovered__says_so_in_a_third_word(
    vestings: VestingKit, buyer: Any, stranger: Any
) -> None:
    grant_id = vestings.create((buyer, AMOUNT))
    vestings.wait(grant_id, 200 * DAY)
    vestings.vesting.revoke(grant_id, sender=vestings.creator)
    stops = vestings.chain.timestamp
    vestings.vesting.proposeRecovery(grant_id, stranger, sender=vestings.creator)
    recoverable = vestings.chain.timestamp + RECOVERY_PERIOD
    assert held(vestings, "grants", grant_id) == word(address(buyer), (AMOUNT, 95), (1, 1))
    assert held(vestings, "turns", grant_id) == word(address(stranger), (recoverable, 40), (stops, 40))


def test_campaign__claimed_once__stands_beside_its_root(
    vestings: VestingKit, buyer: Any, stranger: Any
) -> None:
    plan_id = vestings.empty_plan()
    campaign = vestings.campaign(plan_id, [(buyer, 5), (stranger, 6)])
    campaign.claim(vestings.vesting, 0, stranger)
    assert held(vestings, "campaigns", campaign.number) == int.from_bytes(campaign.tree.root)
    terms = word((6, 96), (plan_id, 48), (2, 48), (campaign.deadline, 64))
    assert held(vestings, "campaigns", campaign.number, 1) == terms


def test_tranches__dated__stand_four_to_a_slot(vestings: VestingKit, buyer: Any) -> None:
    times = (vestings.now() + DAY, vestings.now() + 99 * DAY)
    tranches = list(zip(times, (1_234, 10_000), strict=True))
    made = vestings.vesting.createTranchePlan(
        ZERO, vestings.token, tranches, [(buyer, AMOUNT)], sender=vestings.creator
    )
    plan_id = made.return_value[0]
    assert held(vestings, "tranches", plan_id) == 2
    first = int.from_bytes(keccak(place("tranches", plan_id).to_bytes(32)))
    packed = vestings.chain.engine.storage(vestings.vesting.address, first)
    assert packed == word((1_234, 16), (times[0], 48), (10_000, 16), (times[1], 48))
