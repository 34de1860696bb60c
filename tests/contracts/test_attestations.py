"""Statements about books off chain: who publishes them, and that none can be taken back; see attestations.tree."""

from typing import Any

import pytest

from tests.contracts.kit import ZERO, event
from tests.evm import reverts

TOPIC, OTHER = b"backing".ljust(32, b"\0"), b"audit".ljust(32, b"\0")
ROOT, DOCUMENT = b"\x11" * 32, b"\x22" * 32
MOST = 2**256 - 1


@pytest.fixture
def publisher(accounts: Any) -> Any:
    return accounts[6]


@pytest.fixture
def attestations(project: Any, owner: Any, publisher: Any, chain: Any) -> Any:
    chain.mine(30)
    return owner.deploy(project.Attestations, owner, publisher)


@pytest.fixture
def now(attestations: Any, chain: Any) -> int:
    """The block of the next call."""
    return int(chain.block_number) + 1


def test_constructor__names_the_first_publisher(project: Any, owner: Any, publisher: Any) -> None:
    made = owner.deploy(project.Attestations, owner, publisher)
    assert (made.owner(), made.publisher()) == (owner, publisher)
    assert owner.deploy(project.Attestations, owner, ZERO).publisher() == ZERO


def test_publish__the_caller_is_not_the_publisher__reverts_attestations_not_publisher(
    attestations: Any, owner: Any
) -> None:
    with reverts(attestations.AttestationsNotPublisher, caller=owner):
        attestations.publish(TOPIC, 1, ROOT, 1, DOCUMENT, sender=owner)


def test_publish__nobody_is_the_publisher__reverts_attestations_not_publisher(
    attestations: Any, owner: Any, publisher: Any
) -> None:
    attestations.setPublisher(ZERO, sender=owner)
    with reverts(attestations.AttestationsNotPublisher, caller=publisher):
        attestations.publish(TOPIC, 1, ROOT, 1, DOCUMENT, sender=publisher)


def test_publish__the_block_is_the_topic_s_last_one__reverts_attestations_block_invalid(
    attestations: Any, publisher: Any
) -> None:
    attestations.publish(TOPIC, 7, ROOT, 1, DOCUMENT, sender=publisher)
    with reverts(attestations.AttestationsBlockInvalid, snapshotBlock=7, last=7):
        attestations.publish(TOPIC, 7, b"\x33" * 32, 2, DOCUMENT, sender=publisher)


def test_publish__the_block_is_before_the_topic_s_last_one__reverts_attestations_block_invalid(
    attestations: Any, publisher: Any
) -> None:
    attestations.publish(TOPIC, 7, ROOT, 1, DOCUMENT, sender=publisher)
    with reverts(attestations.AttestationsBlockInvalid, snapshotBlock=6, last=7):
        attestations.publish(TOPIC, 6, ROOT, 1, DOCUMENT, sender=publisher)


def test_publish__the_block_is_the_present_one__reverts_attestations_block_invalid(
    attestations: Any, publisher: Any, now: int
) -> None:
    for block in (now, now + 3, 2**64 - 1):
        with reverts(attestations.AttestationsBlockInvalid, snapshotBlock=block, last=0):
            attestations.publish(TOPIC, block, ROOT, 1, DOCUMENT, sender=publisher)


def test_publish__the_block_is_zero__reverts_attestations_block_invalid(
    attestations: Any, publisher: Any
) -> None:
    with reverts(attestations.AttestationsBlockInvalid, snapshotBlock=0, last=0):
        attestations.publish(TOPIC, 0, ROOT, 1, DOCUMENT, sender=publisher)


def test_publish__another_topic_has_had_the_block__publishes_it(attestations: Any, publisher: Any) -> None:
    attestations.publish(TOPIC, 7, ROOT, 1, DOCUMENT, sender=publisher)
    attestations.publish(OTHER, 7, ROOT, 1, DOCUMENT, sender=publisher)
    assert attestations.lastOf(OTHER).snapshotBlock == attestations.lastOf(TOPIC).snapshotBlock == 7


def test_publish__the_publisher_tells_of_a_past_block__says_it_and_leads_to_the_statement_before(
    attestations: Any, publisher: Any
) -> None:
    first = attestations.publish(TOPIC, 7, ROOT, MOST, DOCUMENT, sender=publisher)
    said = event(first, "Attested")
    assert (said.topic, said.snapshotBlock, said.root, said.total) == (TOPIC, 7, ROOT, MOST)
    assert (said.document, said.previous) == (DOCUMENT, 0)
    second = attestations.publish(TOPIC, 8, ROOT, 0, bytes(32), sender=publisher)
    assert event(second, "Attested").previous == first.block_number


def test_last_of__the_topic_has_no_statement__is_zeros(attestations: Any) -> None:
    assert tuple(attestations.lastOf(TOPIC)) == (0, 0)


def test_last_of__the_topic_has_statements__is_the_last_one(attestations: Any, publisher: Any) -> None:
    attestations.publish(TOPIC, 7, ROOT, 1, DOCUMENT, sender=publisher)
    receipt = attestations.publish(TOPIC, 9, ROOT, 1, DOCUMENT, sender=publisher)
    assert tuple(attestations.lastOf(TOPIC)) == (9, receipt.block_number)


def test_set_publisher__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    attestations: Any, publisher: Any
) -> None:
    with reverts(attestations.OwnableUnauthorizedAccount, account=publisher):
        attestations.setPublisher(publisher, sender=publisher)


def test_set_publisher__the_owner_names_another__takes_the_right_from_the_one_before(
    attestations: Any, owner: Any, publisher: Any, stranger: Any
) -> None:
    said = event(attestations.setPublisher(stranger, sender=owner), "PublisherSet")
    assert said.publisher == stranger == attestations.publisher()
    with reverts(attestations.AttestationsNotPublisher, caller=publisher):
        attestations.publish(TOPIC, 1, ROOT, 1, DOCUMENT, sender=publisher)
    attestations.publish(TOPIC, 1, ROOT, 1, DOCUMENT, sender=stranger)


def test_owner__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    attestations: Any, publisher: Any
) -> None:
    for call, arguments in (
        (attestations.transferOwnership, [publisher]),
        (attestations.renounceOwnership, []),
    ):
        with reverts(attestations.OwnableUnauthorizedAccount, account=publisher):
            call(*arguments, sender=publisher)


def test_owner__somebody_else_than_the_named_one_accepts__reverts_ownable_unauthorized_account(
    attestations: Any, owner: Any, publisher: Any, stranger: Any
) -> None:
    attestations.transferOwnership(stranger, sender=owner)
    with reverts(attestations.OwnableUnauthorizedAccount, account=publisher):
        attestations.acceptOwnership(sender=publisher)


def test_owner__the_named_one_accepts__owns_it(attestations: Any, owner: Any, stranger: Any) -> None:
    attestations.transferOwnership(stranger, sender=owner)
    assert (attestations.owner(), attestations.pendingOwner()) == (owner, stranger)
    attestations.acceptOwnership(sender=stranger)
    assert (attestations.owner(), attestations.pendingOwner()) == (stranger, ZERO)
