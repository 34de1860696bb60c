"""The register of templates, and the factory's owner; see factory_templates.tree."""

from typing import Any

import pytest

from tests.contracts.kit import ZERO, event
from tests.contracts.token_kit import FULL, FULL_ID, PLAIN, PLAIN_ID, TokenKit
from tests.evm import reverts

OTHER = b"other".ljust(32, b"\0")


def test_register_template__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    factory: Any, coin: Any, stranger: Any
) -> None:
    with reverts(factory.OwnableUnauthorizedAccount, account=stranger):
        factory.registerTemplate(FULL, coin, sender=stranger)


def test_register_template__the_template_has_no_code__reverts_token_factory_template_invalid(
    factory: Any, owner: Any, stranger: Any
) -> None:
    for nothing in (stranger.address, ZERO):
        with reverts(factory.TokenFactoryTemplateInvalid, implementation=nothing):
            factory.registerTemplate(FULL, nothing, sender=owner)


def test_register_template__the_kind_is_known__is_its_next_version(
    tokens: TokenKit, factory: Any, project: Any, owner: Any
) -> None:
    old = tokens.create()
    for template_id, version in ((3, 2), (4, 3)):
        newer = owner.deploy(project.Token)
        receipt = factory.registerTemplate(FULL, newer, sender=owner)
        said = event(receipt, "TemplateRegistered")
        assert receipt.return_value == said.templateId == factory.templateCount() == template_id
        assert (said.implementation, said.kind, said.version) == (newer, FULL, version)
        found = factory.templateOf(template_id)
        assert (found.implementation, found.version, found.retired, found.kind) == (
            newer.address,
            version,
            False,
            FULL,
        )
    made = tokens.create(templateId=4)
    assert factory.isInstance(old)
    assert factory.isInstance(made)
    assert made.address != old.address


def test_register_template__the_kind_is_new__is_its_first_version(
    factory: Any, coin: Any, owner: Any
) -> None:
    assert event(factory.registerTemplate(OTHER, coin, sender=owner), "TemplateRegistered").version == 1


def test_retire_template__the_caller_does_not_own_the_factory__reverts_ownable_unauthorized_account(
    factory: Any, stranger: Any
) -> None:
    with reverts(factory.OwnableUnauthorizedAccount, account=stranger):
        factory.retireTemplate(FULL_ID, sender=stranger)


def test_retire_template__the_template_is_unknown__reverts_token_factory_template_unknown(
    factory: Any, owner: Any
) -> None:
    for number in (0, 3):
        with reverts(factory.TokenFactoryTemplateUnknown, templateId=number):
            factory.retireTemplate(number, sender=owner)


def test_retire_template__the_template_is_retired__reverts_token_factory_template_retired(
    factory: Any, owner: Any
) -> None:
    factory.retireTemplate(FULL_ID, sender=owner)
    with reverts(factory.TokenFactoryTemplateRetired, templateId=FULL_ID):
        factory.retireTemplate(FULL_ID, sender=owner)


def test_retire_template__the_owner_retires_it__changes_no_token_of_it(
    tokens: TokenKit, factory: Any, owner: Any, organiser: Any, buyer: Any
) -> None:
    token = tokens.create()
    code = token.code
    assert event(factory.retireTemplate(FULL_ID, sender=owner), "TemplateRetired").templateId == FULL_ID
    assert factory.templateOf(FULL_ID).retired
    assert not factory.templateOf(PLAIN_ID).retired
    assert (token.code, factory.isInstance(token)) == (code, True)
    assert factory.predictToken(organiser, tokens.config(), b"\x01" * 32) == token.address
    token.transfer(buyer, 5, sender=organiser)
    assert token.balanceOf(buyer) == 5


@pytest.mark.parametrize("template_id", [0, 3, 2**256 - 1])
def test_template_of__the_id_is_zero_or_too_high__reverts_token_factory_template_unknown(
    factory: Any, template_id: int
) -> None:
    assert factory.templateCount() == 2
    with reverts(factory.TokenFactoryTemplateUnknown, templateId=template_id):
        factory.templateOf(template_id)


def test_latest_template__there_are_versions__is_the_newest_not_retired(
    factory: Any, project: Any, owner: Any
) -> None:
    factory.registerTemplate(FULL, owner.deploy(project.Token), sender=owner)
    assert (factory.latestTemplate(FULL), factory.latestTemplate(PLAIN)) == (3, PLAIN_ID)
    factory.retireTemplate(3, sender=owner)
    assert factory.latestTemplate(FULL) == FULL_ID


def test_latest_template__there_is_none__is_zero(factory: Any, owner: Any) -> None:
    factory.retireTemplate(PLAIN_ID, sender=owner)
    assert factory.latestTemplate(PLAIN) == factory.latestTemplate(OTHER) == 0


def test_owner__the_caller_has_no_right_to_it__reverts_ownable_unauthorized_account(
    factory: Any, owner: Any, stranger: Any
) -> None:
    with reverts(factory.OwnableUnauthorizedAccount, account=stranger):
        factory.transferOwnership(stranger, sender=stranger)
    factory.transferOwnership(stranger, sender=owner)
    with reverts(factory.OwnableUnauthorizedAccount, account=owner):
        factory.acceptOwnership(sender=owner)
    with reverts(factory.OwnableUnauthorizedAccount, account=stranger):
        factory.setFee(0, ZERO, sender=stranger)


def test_owner__the_new_owner_accepts__has_all_rights(factory: Any, owner: Any, stranger: Any) -> None:
    factory.transferOwnership(stranger, sender=owner)
    assert (factory.owner(), factory.pendingOwner()) == (owner, stranger)
    factory.acceptOwnership(sender=stranger)
    assert (factory.owner(), factory.pendingOwner()) == (stranger, ZERO)
    factory.setFee(9, ZERO, sender=stranger)
    assert factory.fee() == 9


def test_renounce_ownership__another_asks_for_it__reverts_ownable_unauthorized_account(
    factory: Any, stranger: Any
) -> None:
    with reverts(factory.OwnableUnauthorizedAccount, account=stranger):
        factory.renounceOwnership(sender=stranger)


def test_renounce_ownership__the_owner_renounces__leaves_creation_as_it_is(
    tokens: TokenKit, factory: Any, owner: Any, treasury: Any, stranger: Any
) -> None:
    factory.renounceOwnership(sender=owner)
    assert factory.owner() == ZERO
    tokens.create()
    held = treasury.balance
    factory.withdrawFees(ZERO, sender=stranger)
    assert treasury.balance > held
