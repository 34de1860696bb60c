"""Tokens and their factory."""

from typing import Any

import pytest
from eth_utils import keccak

from tests.contracts.conftest import ETHER
from tests.contracts.kit import ZERO, event, now, pass_until, sign_permit
from tests.contracts.token_kit import BURN, FULL, FULL_ID, MINT
from tests.evm import reverts

SALT = b"\x01" * 32
MINTER = keccak(text="MINTER_ROLE")


@pytest.fixture
def config(organiser: Any, buyer: Any) -> tuple[Any, ...]:
    return ("Tombola", "TMB", organiser, buyer, 1_000, 600, FULL_ID, MINT | BURN)


def create(factory: Any, project: Any, config: Any, sender: Any, salt: bytes = SALT) -> Any:
    receipt = factory.createToken(config, salt, ETHER, sender=sender, value=ETHER)
    return project.Token.at(event(receipt, "TokenCreated").token)


@pytest.fixture
def token(factory: Any, project: Any, config: Any, organiser: Any) -> Any:
    return create(factory, project, config, organiser)


def test_create__predicted_address__is_where_it_is(
    factory: Any, project: Any, config: Any, organiser: Any
) -> None:
    predicted = factory.predictToken(organiser, config, SALT)
    token = create(factory, project, config, organiser)
    assert token.address == predicted
    assert factory.isInstance(token)
    assert factory.instancesOf(organiser, 0, 10)[-1] == predicted


def test_create__any_configuration__is_what_the_token_says(
    factory: Any, config: Any, token: Any, organiser: Any, buyer: Any
) -> None:
    assert (token.name(), token.symbol(), token.decimals(), token.cap()) == ("Tombola", "TMB", 18, 1_000)
    assert (token.totalSupply(), token.balanceOf(buyer)) == (600, 600)
    assert token.hasRole(bytes(32), organiser)
    assert not token.hasRole(MINTER, organiser)
    for other in (factory, buyer, factory.owner()):
        assert not token.hasRole(bytes(32), other)
        assert not token.hasRole(MINTER, other)


def test_create__another_sender_with_the_same_salt__gets_another_address(
    factory: Any, project: Any, config: Any, organiser: Any, stranger: Any
) -> None:
    predicted = factory.predictToken(organiser, config, SALT)
    squatted = create(factory, project, config, stranger)
    assert squatted.address != predicted
    assert create(factory, project, config, organiser).address == predicted


def test_create__any_word_of_the_configuration__moves_the_address(
    factory: Any, config: Any, organiser: Any, stranger: Any
) -> None:
    others = [
        ("Tombolas", *config[1:]),
        ("Tombol", "aTMB", *config[2:]),
        (*config[:2], stranger, *config[3:]),
        (*config[:3], stranger, *config[4:]),
        (*config[:4], 1_001, *config[5:]),
        (*config[:5], 601, *config[6:]),
        (*config[:7], MINT),
    ]
    addresses = {factory.predictToken(organiser, other, SALT) for other in [config, *others]}
    addresses.add(factory.predictToken(organiser, config, b"\x02" * 32))
    assert len(addresses) == len(others) + 2


def test_create__same_again__is_refused(
    factory: Any, project: Any, config: Any, token: Any, organiser: Any
) -> None:
    with reverts("FailedDeployment"):
        create(factory, project, config, organiser)


@pytest.mark.parametrize(
    ("position", "value", "field"),
    [
        (0, "", "name"),
        (0, "x" * 65, "name"),
        (1, "", "symbol"),
        (1, "x" * 33, "symbol"),
        (4, 2**184, "cap"),
        (5, 1_001, "initialSupply"),
        (3, ZERO, "recipient"),
    ],
)
def test_create__unusable_configuration__names_the_field(
    factory: Any, config: Any, organiser: Any, position: int, value: Any, field: str
) -> None:
    changed = (*config[:position], value, *config[position + 1 :])
    with reverts(factory.TokenFactoryConfigInvalid, field=field):
        factory.createToken(changed, SALT, ETHER, sender=organiser, value=ETHER)


def test_create__neither_supply_nor_admin__is_refused(factory: Any, project: Any, organiser: Any) -> None:
    with reverts("TokenConfigInvalid", field="initialSupply"):
        config = ("A", "B", ZERO, ZERO, 5, 0, FULL_ID, 0)
        factory.createToken(config, SALT, ETHER, sender=organiser, value=ETHER)


def test_create__longest_names__are_kept_whole(factory: Any, project: Any, organiser: Any) -> None:
    most = 2**184 - 1
    config = ("n" * 64, "s" * 32, ZERO, organiser, most, most, FULL_ID, 0)
    token = create(factory, project, config, organiser)
    assert (token.name(), token.symbol(), token.cap()) == ("n" * 64, "s" * 32, most)
    assert factory.isInstance(token)


def test_create__fee__is_kept_and_the_rest_comes_back(factory: Any, config: Any, organiser: Any) -> None:
    held = factory.balance, organiser.balance
    receipt = factory.createToken(config, SALT, ETHER, sender=organiser, value=3 * ETHER)
    assert factory.balance - held[0] == ETHER
    assert held[1] - organiser.balance == ETHER + receipt.total_fees_paid


def test_create__fee_not_met__is_refused(factory: Any, config: Any, organiser: Any, owner: Any) -> None:
    with reverts(factory.TokenFactoryFeeUnpaid, sent=ETHER - 1, fee=ETHER):
        factory.createToken(config, SALT, ETHER, sender=organiser, value=ETHER - 1)
    factory.setFee(2 * ETHER, ZERO, sender=owner)
    with reverts(factory.TokenFactoryFeeAboveMax, fee=2 * ETHER, maxFee=ETHER):
        factory.createToken(config, SALT, ETHER, sender=organiser, value=2 * ETHER)


def test_set_fee__above_the_ceiling_or_by_others__is_refused(factory: Any, owner: Any, stranger: Any) -> None:
    ceiling = factory.feeCeiling(ZERO)
    with reverts(factory.TokenFactoryFeeTooHigh, fee=ceiling + 1, ceiling=ceiling):
        factory.setFee(ceiling + 1, ZERO, sender=owner)
    for call in (
        lambda: factory.setFee(0, ZERO, sender=stranger),
        lambda: factory.registerTemplate(FULL, factory, sender=stranger),
        lambda: factory.setTreasury(stranger, sender=stranger),
    ):
        with reverts(factory.OwnableUnauthorizedAccount):
            call()


def test_withdraw_fees__anybody__pays_the_treasury(
    factory: Any,
    project: Any,
    config: Any,
    token: Any,
    owner: Any,
    organiser: Any,
    treasury: Any,
    create_actor: Any,
    stranger: Any,
) -> None:
    due, held = factory.balance, treasury.balance
    assert event(factory.withdrawFees(ZERO, sender=stranger), "FeesWithdrawn").amount == due
    assert treasury.balance - held == due
    refusing = create_actor()
    refusing.behave(1, ZERO, b"", sender=stranger)
    factory.setTreasury(refusing, sender=owner)
    create(factory, project, config, organiser, b"\x07" * 32)
    with reverts(factory.TokenFactoryWithdrawFailed):
        factory.withdrawFees(ZERO, sender=owner)


def test_set_template__changed__keeps_old_instances(
    factory: Any, project: Any, config: Any, token: Any, owner: Any, organiser: Any, stranger: Any
) -> None:
    factory.registerTemplate(FULL, owner.deploy(project.Token), sender=owner)
    newer = create(factory, project, (*config[:6], 3, config[7]), organiser)
    assert newer.address != token.address
    assert factory.isInstance(token)
    assert factory.isInstance(newer)
    with reverts(factory.TokenFactoryTemplateInvalid):
        factory.registerTemplate(FULL, stranger, sender=owner)


def test_is_instance__anything_else__is_not(
    factory: Any, project: Any, token: Any, owner: Any, stranger: Any, config: Any
) -> None:
    template = factory.templateOf(FULL_ID).implementation
    twin = owner.deploy(project.TokenFactory, owner, owner, factory.vesting(), ETHER, [(FULL, template)])
    foreign = create(twin, project, config, stranger)
    for other in (stranger, factory, template, foreign, ZERO):
        assert not factory.isInstance(other)


def test_instances_of__several__can_be_paged(factory: Any, project: Any, config: Any, buyer: Any) -> None:
    tokens = [create(factory, project, config, buyer, bytes([i]) * 32).address for i in range(3)]
    assert factory.instancesOf(buyer, 0, 99) == tokens
    assert factory.instancesOf(buyer, 1, 1) == tokens[1:2]
    assert factory.instancesOf(buyer, 3, 5) == []


def test_initialize__by_anybody_else__is_refused(
    factory: Any, project: Any, token: Any, stranger: Any
) -> None:
    for target in (token, project.Token.at(factory.templateOf(FULL_ID).implementation)):
        with reverts(target.TokenNotFactory, caller=stranger.address):
            target.initialize(stranger, stranger, 5, 0, sender=stranger)


def test_mint__up_to_the_cap__and_not_beyond(token: Any, organiser: Any, stranger: Any) -> None:
    token.mint(stranger, 400, sender=organiser)
    with reverts(token.TokenCapExceeded, supply=1_001, cap=1_000):
        token.mint(stranger, 1, sender=organiser)
    token.burn(100, sender=stranger)
    token.mint(stranger, 100, sender=organiser)
    assert token.totalSupply() == 1_000


def test_mint__without_the_role__is_refused(token: Any, organiser: Any, stranger: Any, buyer: Any) -> None:
    with reverts(token.AccessControlUnauthorizedAccount):
        token.mint(stranger, 1, sender=stranger)
    token.grantRole(MINTER, stranger, sender=organiser)
    token.mint(stranger, 1, sender=stranger)
    token.renounceRole(bytes(32), organiser, sender=organiser)
    with reverts(token.AccessControlUnauthorizedAccount):
        token.mint(organiser, 1, sender=organiser)


def test_permit__each_clone__has_its_own_domain(
    factory: Any, project: Any, config: Any, token: Any, organiser: Any, buyer: Any, stranger: Any, chain: Any
) -> None:
    twin = create(factory, project, config, organiser, b"\x02" * 32)
    assert token.DOMAIN_SEPARATOR() != twin.DOMAIN_SEPARATOR()
    domain = token.eip712Domain()
    assert (domain.name, domain.version, domain.verifyingContract) == ("Tombola", "1", token.address)
    deadline = now(chain) + 600
    signature = sign_permit(token, buyer, stranger.address, 50, deadline)
    arguments = (buyer, stranger, 50, deadline, signature[64], signature[:32], signature[32:64])
    with reverts(twin.ERC2612InvalidSigner):
        twin.permit(*arguments, sender=stranger)
    token.permit(*arguments, sender=stranger)
    assert token.allowance(buyer, stranger) == 50
    with reverts(token.ERC2612InvalidSigner):
        token.permit(*arguments, sender=stranger)


def test_permit__after_the_deadline__is_refused(token: Any, buyer: Any, stranger: Any, chain: Any) -> None:
    deadline = now(chain) + 10
    signature = sign_permit(token, buyer, stranger.address, 50, deadline)
    pass_until(chain, deadline + 1)
    with reverts(token.ERC2612ExpiredSignature, deadline=deadline):
        token.permit(
            buyer, stranger, 50, deadline, signature[64], signature[:32], signature[32:64], sender=stranger
        )


def test_votes__delegated__count_by_timestamp(token: Any, buyer: Any, stranger: Any, chain: Any) -> None:
    assert token.CLOCK_MODE() == "mode=timestamp"
    token.delegate(stranger, sender=buyer)
    before = chain.timestamp
    pass_until(chain, before + 10)
    token.transfer(stranger, 100, sender=buyer)
    pass_until(chain, before + 20)
    chain.mine()
    assert token.getVotes(stranger) == 500
    assert token.getPastVotes(stranger, before + 5) == 600
    assert token.getPastTotalSupply(before + 5) == 600
