"""Creating tokens, their addresses, and who may; see factory.tree."""

from typing import Any

import pytest

from tests.contracts.kit import ZERO, event
from tests.contracts.token_kit import (
    ADMIN_ROLE,
    ALL_FEATURES,
    FULL,
    FULL_ID,
    MOST,
    PLAIN,
    PLAIN_ID,
    SALT,
    SUPPLY,
    TokenKit,
)
from tests.evm import reverts


def test_constructor__the_vesting_contract_is_none__reverts_token_factory_config_invalid(
    project: Any, owner: Any, stranger: Any
) -> None:
    with reverts(project.TokenFactory.TokenFactoryConfigInvalid, field="vesting"):
        owner.deploy(project.TokenFactory, owner, owner, stranger, 0, [])


def test_constructor__the_treasury_is_nobody__reverts_token_factory_treasury_invalid(
    project: Any, owner: Any, vesting: Any
) -> None:
    with reverts(project.TokenFactory.TokenFactoryTreasuryInvalid, treasury=ZERO):
        owner.deploy(project.TokenFactory, owner, ZERO, vesting, 0, [])


def test_constructor__the_owner_is_nobody__reverts_ownable_invalid_owner(
    project: Any, owner: Any, vesting: Any
) -> None:
    with reverts(project.TokenFactory.OwnableInvalidOwner, owner=ZERO):
        owner.deploy(project.TokenFactory, ZERO, owner, vesting, 0, [])


def test_constructor__all_is_given__has_its_templates_and_keeps_nothing(
    project: Any, owner: Any, stranger: Any, treasury: Any, vesting: Any
) -> None:
    templates = [(FULL, owner.deploy(project.Token)), (PLAIN, owner.deploy(project.PlainToken))]
    factory = owner.deploy(project.TokenFactory, stranger, treasury, vesting, 7, templates)
    assert (factory.owner(), factory.treasury(), factory.fee()) == (stranger, treasury, 7)
    assert (factory.feeCurrency(), factory.isOpen(), factory.templateCount()) == (ZERO, True, 2)
    assert [factory.templateOf(number + 1).implementation for number in range(2)] == [
        template.address for _, template in templates
    ]
    with reverts(factory.OwnableUnauthorizedAccount, account=owner):
        factory.setFee(0, ZERO, sender=owner)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"symbol": ""}, "symbol"),
        ({"symbol": "x" * 33}, "symbol"),
        ({"cap": MOST + 1}, "cap"),
        ({"cap": 2**256 - 1}, "cap"),
        ({"initialSupply": 1_001}, "initialSupply"),
        ({"cap": 0, "initialSupply": MOST + 1}, "initialSupply"),
        ({"recipient": ZERO}, "recipient"),
    ],
)
def test_create_token__name_symbol_cap_or_supply_is_unusable__reverts_token_factory_config_invalid(
    tokens: TokenKit, changes: dict[str, Any], field: str
) -> None:
    with reverts(tokens.factory.TokenFactoryConfigInvalid, field=field):
        tokens.create(**changes)


@pytest.mark.parametrize("template_id", [0, 3, 2**256 - 1])
def test_create_token__the_template_is_unknown__reverts_token_factory_template_unknown(
    tokens: TokenKit, template_id: int
) -> None:
    with reverts(tokens.factory.TokenFactoryTemplateUnknown, templateId=template_id):
        tokens.create(templateId=template_id)


def test_create_token__the_template_is_retired__reverts_token_factory_template_retired(
    tokens: TokenKit, owner: Any
) -> None:
    tokens.factory.retireTemplate(FULL_ID, sender=owner)
    with reverts(tokens.factory.TokenFactoryTemplateRetired, templateId=FULL_ID):
        tokens.create()


def test_create_token__the_creator_is_not_on_the_list__reverts_token_factory_creator_not_allowed(
    tokens: TokenKit, owner: Any, organiser: Any, stranger: Any
) -> None:
    tokens.factory.setOpen(False, sender=owner)
    tokens.factory.setCreators([stranger], True, sender=owner)
    with reverts(tokens.factory.TokenFactoryCreatorNotAllowed, creator=organiser):
        tokens.create()
    tokens.send(tokens.config(), sender=stranger)


def test_create_token__the_creator_made_it_before__reverts_failed_deployment(tokens: TokenKit) -> None:
    tokens.create()
    with reverts(tokens.factory.FailedDeployment):
        tokens.create()


def test_create_token__the_configuration_is_usable__creates_the_token_and_says_so(
    tokens: TokenKit, project: Any, organiser: Any, buyer: Any
) -> None:
    config = tokens.config(recipient=buyer, cap=0, features=ALL_FEATURES)
    predicted = tokens.factory.predictToken(organiser, config, SALT)
    receipt = tokens.send(config)
    said = event(receipt, "TokenCreated")
    assert receipt.return_value == said.token == predicted
    assert (said.creator, said.template) == (organiser, tokens.factory.templateOf(FULL_ID).implementation)
    assert (said.name, said.symbol, said.admin, said.recipient) == ("Tombola", "TMB", organiser, buyer)
    assert (said.cap, said.initialSupply, said.salt) == (0, SUPPLY, SALT)
    assert (said.templateId, said.features) == (FULL_ID, ALL_FEATURES)
    token = project.Token.at(predicted)
    assert (token.name(), token.totalSupply(), token.balanceOf(buyer)) == ("Tombola", SUPPLY, SUPPLY)


@pytest.mark.parametrize("template_id", [FULL_ID, PLAIN_ID])
def test_create_token__the_names_are_the_longest__keeps_them_whole(
    tokens: TokenKit, template_id: int
) -> None:
    name, symbol = "ñ" * 32, "s" * 32
    supply = {"name": name, "symbol": symbol, "cap": MOST, "initialSupply": MOST}
    token = tokens.create(**supply) if template_id == FULL_ID else tokens.plain(**supply)
    assert (token.name(), token.symbol(), token.totalSupply()) == (name, symbol, MOST)
    assert token.eip712Domain().name == name
    assert tokens.factory.isInstance(token)


def test_create_token__another_creator_takes_configuration_and_salt__gets_another_address(
    tokens: TokenKit, organiser: Any, stranger: Any
) -> None:
    predicted = tokens.factory.predictToken(organiser, tokens.config(), SALT)
    squatted = event(tokens.send(tokens.config(), sender=stranger), "TokenCreated").token
    assert squatted == tokens.factory.predictToken(stranger, tokens.config(), SALT) != predicted
    assert tokens.create().address == predicted


def test_create_token__the_template_refuses__reverts_token_config_invalid(
    tokens: TokenKit, project: Any, organiser: Any
) -> None:
    with reverts(project.Token.TokenConfigInvalid, field="admin"):
        tokens.create(admin=ZERO)
    assert tokens.factory.instancesOf(organiser, 0, 9) == []


def test_create_token__all_is_done__leaves_the_factory_no_role_and_no_token(
    tokens: TokenKit, owner: Any
) -> None:
    token = tokens.create(features=ALL_FEATURES)
    for account in (tokens.factory, owner):
        assert token.balanceOf(account) == 0
        for role in (ADMIN_ROLE, token.MINTER_ROLE(), token.PAUSER_ROLE(), token.BRIDGE_ROLE()):
            assert not token.hasRole(role, account)


def test_predict_token__a_word_of_the_configuration_changes__moves_the_address(
    tokens: TokenKit, organiser: Any, stranger: Any
) -> None:
    def predict(creator: Any = organiser, salt: bytes = SALT, **changes: Any) -> str:
        return str(tokens.factory.predictToken(creator, tokens.config(**changes), salt))

    addresses = [
        predict(),
        predict(creator=stranger),
        predict(salt=b"\x02" * 32),
        predict(name="Tombol", symbol="aTMB"),
        predict(name="Tombolas"),
        predict(symbol="TMBO"),
        predict(admin=stranger),
        predict(recipient=stranger),
        predict(cap=1_001),
        predict(initialSupply=601),
        predict(templateId=PLAIN_ID),
        predict(features=ALL_FEATURES),
    ]
    assert len(set(addresses)) == len(addresses)


def test_predict_token__the_template_is_none__reverts_token_factory_template_unknown(
    tokens: TokenKit, organiser: Any
) -> None:
    with reverts(tokens.factory.TokenFactoryTemplateUnknown, templateId=9):
        tokens.factory.predictToken(organiser, tokens.config(templateId=9), SALT)


def test_is_instance__the_factory_made_it__is_true_for_its_whole_life(tokens: TokenKit, owner: Any) -> None:
    made = [tokens.create(), tokens.plain()]
    for template in (FULL_ID, PLAIN_ID):
        tokens.factory.retireTemplate(template, sender=owner)
    assert all(tokens.factory.isInstance(token) for token in made)


def test_is_instance__something_else_made_it__is_false(
    tokens: TokenKit, project: Any, owner: Any, stranger: Any, chain: Any, vesting: Any
) -> None:
    template = tokens.factory.templateOf(FULL_ID).implementation
    twin = owner.deploy(project.TokenFactory, owner, owner, vesting, 0, [(FULL, template)])
    config = tokens.config()
    foreign = twin.createToken(config, SALT, 0, sender=stranger).return_value
    copied = chain.accounts[9].address
    chain.set_code(copied, tokens.create().code)
    short = chain.accounts[8].address
    chain.set_code(short, tokens.plain().code[:45])
    for other in (stranger, tokens.factory, template, foreign, copied, short, ZERO):
        assert not tokens.factory.isInstance(other)


def test_instances_of__there_are_several__can_be_paged(tokens: TokenKit, organiser: Any, buyer: Any) -> None:
    instances_of = tokens.factory.instancesOf
    made = [tokens.create(bytes([number]) * 32).address for number in range(4)]
    assert instances_of(organiser, 0, 99) == instances_of(organiser, 0, 2**256 - 1) == made
    assert (instances_of(organiser, 1, 2), instances_of(organiser, 0, 1)) == (made[1:3], made[:1])
    for start in (4, 5, 2**256 - 1):
        assert instances_of(organiser, start, 5) == []
    assert instances_of(organiser, 0, 0) == instances_of(buyer, 0, 5) == []


def test_set_open__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    tokens: TokenKit, organiser: Any
) -> None:
    with reverts(tokens.factory.OwnableUnauthorizedAccount, account=organiser):
        tokens.factory.setOpen(False, sender=organiser)


def test_set_open__creation_is_closed_and_opened__says_so(tokens: TokenKit, owner: Any) -> None:
    terms = (tokens.factory.fee(), tokens.factory.feeCurrency())
    for open_ in (False, True):
        assert event(tokens.factory.setOpen(open_, sender=owner), "CreationOpened").open is open_
        assert tokens.factory.isOpen() is open_
        assert (tokens.factory.fee(), tokens.factory.feeCurrency()) == terms
    tokens.create()


def test_set_creators__the_caller_does_not_own_the_factory__reverts_ownable_unauthorized_account(
    tokens: TokenKit, organiser: Any
) -> None:
    with reverts(tokens.factory.OwnableUnauthorizedAccount, account=organiser):
        tokens.factory.setCreators([organiser], True, sender=organiser)


def test_set_creators__creators_are_allowed_and_forbidden__lets_in_who_is_allowed(
    tokens: TokenKit, owner: Any, organiser: Any, buyer: Any, stranger: Any
) -> None:
    factory = tokens.factory
    assert factory.canCreate(stranger)
    factory.setOpen(False, sender=owner)
    assert not factory.canCreate(organiser)
    receipt = factory.setCreators([organiser, buyer], True, sender=owner)
    assert [(log.creator, log.allowed) for log in receipt.events] == [(organiser, True), (buyer, True)]
    tokens.create()
    said = event(factory.setCreators([organiser], False, sender=owner), "CreatorAllowed")
    assert (said.creator, said.allowed) == (organiser, False)
    assert [factory.canCreate(one) for one in (organiser, buyer, stranger)] == [False, True, False]
    with reverts(factory.TokenFactoryCreatorNotAllowed, creator=organiser):
        tokens.create(b"\x02" * 32)
    assert factory.instancesOf(organiser, 0, 9) != []
