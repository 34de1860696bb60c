"""Creating raffles: terms, options, escrow, and the feeds that the owner offers."""

from typing import Any

import pytest

from listener.chain.draw.terms import Prize, PrizeKind, RaffleOptions, RaffleTerms
from tests.contracts.conftest import FEE_BPS
from tests.contracts.kit import (
    DAY,
    ERC20,
    HOUR,
    NATIVE,
    NATIVE_FACE,
    PRICE,
    ZERO,
    RaffleKit,
    erc20_prize,
    erc721_prize,
    event,
    native_prize,
    now,
)
from tests.contracts.raffle_kit import DOLLAR, ETHER, NO_OPTIONS, OPEN, SALT, Guests, OptionsKit
from tests.evm import reverts

NONE, RETURN_FALSE, SHRINK, BURN_GAS, SAY_YES, MANY_DECIMALS = range(6)


@pytest.fixture
def odd(project: Any, raffle: Any, organiser: Any) -> Any:
    """A token that may become odd; the organiser holds and approved it."""
    token = organiser.deploy(project.OddERC20)
    token.mint(organiser, ETHER, sender=organiser)
    token.approve(raffle, ETHER, sender=organiser)
    return token


def values(kit: RaffleKit, **changes: Any) -> tuple[Any, ...]:
    return tuple(kit.terms(**changes).values())


def test_create_raffle__the_call_goes_to_the_desk_itself__reverts_raffle_desk_direct_call(
    kit: RaffleKit, raffle: Any, project: Any, organiser: Any
) -> None:
    desk = project.RaffleDesk.at(raffle.desk())
    with reverts(desk.RaffleDeskDirectCall):
        desk.createRaffle(values(kit), sender=organiser, value=ETHER)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ticketPrice": 0}, "ticketPrice"),
        ({"minTickets": 0}, "minTickets"),
        ({"minTickets": 11, "maxTickets": 10}, "maxTickets"),
        ({"maxTickets": 2**40}, "maxTickets"),
        ({"maxPerBuyer": 1_001}, "maxPerBuyer"),
        ({"title": "x" * 129}, "title"),
        ({"prizes": []}, "prizes"),
        ({"prizes": [native_prize(0)]}, "prizes.amount"),
        ({"prizes": [(0, NATIVE_FACE, 5, 0)]}, "prizes.token"),
        ({"prizes": [(1, ZERO, 5, 0)]}, "prizes.token"),
        ({"prizes": [(1, NATIVE_FACE, 5, 1)]}, "prizes.tokenId"),
        ({"prizes": [(0, ZERO, 5, 1)]}, "prizes.tokenId"),
        ({"prizes": [(2, NATIVE_FACE, 5, 1)]}, "prizes.amount"),
        ({"prizes": [(2, ZERO, 0, 1)]}, "prizes.token"),
    ],
)
def test_create_raffle__a_field_cannot_be_used__reverts_raffle_terms_invalid(
    kit: RaffleKit, raffle: Any, organiser: Any, changes: dict[str, Any], field: str
) -> None:
    with reverts(raffle.RaffleTermsInvalid, field=field):
        raffle.createRaffle(values(kit, **changes), sender=organiser, value=5)


@pytest.mark.parametrize("seconds", [-1, 0, 366 * DAY + 1])
def test_create_raffle__the_close_is_past_or_more_than_a_year_ahead__reverts_raffle_terms_invalid(
    kit: RaffleKit, raffle: Any, organiser: Any, seconds: int
) -> None:
    with reverts(raffle.RaffleTermsInvalid, field="closesAt"):
        raffle.createRaffle(values(kit, closesAt=now(kit.chain) + seconds), sender=organiser, value=ETHER)
    last = values(kit, closesAt=now(kit.chain) + 366 * DAY, title="x" * 128, maxTickets=2**40 - 1)
    raffle.createRaffle(last, sender=organiser, value=ETHER)


@pytest.mark.parametrize("sent", [0, ETHER - 1, ETHER + 1])
def test_create_raffle__the_pol_sent_is_not_the_sum_of_the_prizes__reverts_raffle_payment_wrong(
    kit: RaffleKit, raffle: Any, organiser: Any, sent: int
) -> None:
    prizes = [native_prize(ETHER // 2), native_prize(ETHER // 2)]
    with reverts(raffle.RafflePaymentWrong, sent=sent, needed=ETHER):
        raffle.createRaffle(values(kit, prizes=prizes), sender=organiser, value=sent)


def test_create_raffle__a_prize_has_a_fee_on_transfer__reverts_raffle_token_refused(
    kit: RaffleKit, raffle: Any, project: Any, organiser: Any
) -> None:
    token = organiser.deploy(project.FeeERC20)
    token.mint(organiser, ETHER, sender=organiser)
    token.approve(raffle, ETHER, sender=organiser)
    with reverts(raffle.RaffleTokenRefused, token=token):
        raffle.createRaffle(values(kit, prizes=[erc20_prize(token, ETHER)]), sender=organiser)


def test_create_raffle__a_prize_in_a_token_returns_false__reverts_safe_erc20_failed_operation(
    kit: RaffleKit, raffle: Any, organiser: Any, odd: Any
) -> None:
    odd.become(RETURN_FALSE, sender=organiser)
    with reverts("SafeERC20FailedOperation", token=odd):
        raffle.createRaffle(values(kit, prizes=[erc20_prize(odd, 5)]), sender=organiser)


def test_create_raffle__a_prize_in_a_token_shrinks_on_arrival__reverts_raffle_token_refused(
    kit: RaffleKit, raffle: Any, organiser: Any, odd: Any
) -> None:
    odd.become(SHRINK, sender=organiser)
    with reverts(raffle.RaffleTokenRefused, token=odd):
        raffle.createRaffle(values(kit, prizes=[erc20_prize(odd, 4)]), sender=organiser)


@pytest.mark.parametrize("changes", [{"paymentToken": NATIVE_FACE}, {"prizes": [(1, NATIVE_FACE, 5, 0)]}])
def test_create_raffle__a_token_is_the_face_of_pol__reverts_raffle_token_refused(
    kit: RaffleKit, raffle: Any, organiser: Any, changes: dict[str, Any]
) -> None:
    with reverts(raffle.RaffleTokenRefused, token=NATIVE_FACE):
        raffle.createRaffle(values(kit, **changes), sender=organiser)


@pytest.mark.parametrize("place", ["payment", "prize"])
def test_create_raffle__an_erc_721_stands_for_an_erc_20__reverts_raffle_token_refused(
    kit: RaffleKit, raffle: Any, organiser: Any, nft: Any, place: str
) -> None:
    """Number 1 taken as an amount of 1 would arrive in full, and could never leave again."""
    nft.setApprovalForAll(raffle, True, sender=organiser)
    changes = {"paymentToken": nft} if place == "payment" else {"prizes": [erc20_prize(nft, 1)]}
    with reverts(raffle.RaffleTokenRefused, token=nft):
        raffle.createRaffle(values(kit, **changes), sender=organiser, value=0)


def test_create_raffle__an_erc_20_stands_for_an_erc_721__reverts_raffle_token_refused(
    kit: RaffleKit, raffle: Any, organiser: Any, coin: Any
) -> None:
    coin.approve(raffle, 1, sender=organiser)
    with reverts(raffle.RaffleTokenRefused, token=coin):
        raffle.createRaffle(values(kit, prizes=[erc721_prize(coin, 1)]), sender=organiser)


def test_create_raffle__a_token_burns_its_gas_when_probed__costs_no_more_than_the_probe_may_use(
    kit: RaffleKit, raffle: Any, organiser: Any, odd: Any
) -> None:
    prizes = {"prizes": [erc20_prize(odd, 5)]}
    plain = raffle.createRaffle(values(kit, **prizes), sender=organiser).gas_used
    odd.become(BURN_GAS, sender=organiser)
    burnt = raffle.createRaffle(values(kit, **prizes), sender=organiser).gas_used
    assert odd.balanceOf(raffle) == 10
    assert burnt - plain < 40_000


def test_create_raffle__a_token_supports_every_interface__is_taken_for_the_erc_20_it_is(
    kit: RaffleKit, raffle: Any, organiser: Any, odd: Any
) -> None:
    odd.become(SAY_YES, sender=organiser)
    raffle.createRaffle(values(kit, prizes=[erc20_prize(odd, 5)]), sender=organiser)
    assert odd.balanceOf(raffle) == 5


def test_create_raffle__a_token_reenters__reverts_reentrancy_guard_reentrant_call(
    kit: RaffleKit, raffle: Any, project: Any, organiser: Any
) -> None:
    token = organiser.deploy(project.HookERC20)
    token.mint(organiser, ETHER, sender=organiser)
    token.approve(raffle, ETHER, sender=organiser)
    terms = values(kit, prizes=[erc20_prize(token, 5)])
    token.callBack(raffle, raffle.createRaffle.encode_input(terms), sender=organiser)
    with reverts(raffle.ReentrancyGuardReentrantCall):
        raffle.createRaffle(terms, sender=organiser)


@pytest.mark.parametrize(
    "shape", ["aaaa", "abbb", "abab", "aabb", "abbc", "xxx", "axx", "annn", "aeee", "eaee"]
)
def test_create_raffle__the_last_prizes_are_alike__pays_each_of_them(
    kit: RaffleKit, raffle: Any, organiser: Any, buyer: Any, stranger: Any, coin: Any, nft: Any, shape: str
) -> None:
    """Of an ERC-721 every number is another prize; amounts of 88 bits and more stand elsewhere."""
    nft.setApprovalForAll(raffle, True, sender=organiser)
    coin.approve(raffle, 2**256 - 1, sender=organiser)
    kinds = {"a": native_prize(1), "b": native_prize(2), "c": native_prize(3)}
    kinds |= {"x": erc20_prize(coin, 2**88), "e": erc20_prize(coin, 1)}
    prizes = [
        erc721_prize(nft, rank) if letter == "n" else kinds[letter] for rank, letter in enumerate(shape)
    ]
    value = sum(prize[2] for prize in prizes if prize[0] == NATIVE)
    receipt = raffle.createRaffle(values(kit, prizes=prizes), sender=organiser, value=value)
    raffle_id = receipt.return_value
    expected = [(kind, getattr(token, "address", token), *rest) for kind, token, *rest in prizes]
    assert [tuple(prize) for prize in raffle.prizesOf(raffle_id)] == expected
    kit.buy(raffle_id, buyer, len(shape))
    kit.draw(raffle_id)
    had = (buyer.balance, coin.balanceOf(buyer), nft.balanceOf(buyer))
    raffle.claimMany(raffle_id, range(len(shape)), [0] * len(shape), sender=stranger)
    has = (buyer.balance, coin.balanceOf(buyer), nft.balanceOf(buyer))
    coins = sum(prize[2] for prize in prizes if prize[0] == ERC20)
    assert [after - before for before, after in zip(had, has, strict=True)] == [
        value,
        coins,
        shape.count("n"),
    ]


def test_create_raffle__the_last_prizes_are_alike__stores_them_once(
    kit: RaffleKit, raffle: Any, organiser: Any
) -> None:
    kit.create()  # the first raffle pays for the counter
    new_slot = 20_000
    costs = []
    for shape in ([1, 1, 1, 1], [2, 1, 1, 1], [2, 3, 1, 1], [2, 3, 4, 1], [1, 1, 1, 2]):
        terms = values(kit, prizes=[native_prize(amount) for amount in shape])
        costs.append(raffle.createRaffle(terms, sender=organiser, value=sum(shape)).gas_used)
    once, twice, thrice, all_four, no_end_alike = costs
    assert twice - once > new_slot
    assert thrice - twice > new_slot
    assert all_four - thrice > new_slot
    assert no_end_alike - thrice > new_slot


def test_create_raffle__the_terms_are_fine__escrows_the_prizes_and_tells_all(
    kit: RaffleKit, raffle: Any, organiser: Any, coin: Any, nft: Any
) -> None:
    coin.approve(raffle, 2**256 - 1, sender=organiser)
    nft.setApprovalForAll(raffle, True, sender=organiser)
    held = raffle.balance
    prizes = [native_prize(3 * ETHER), erc20_prize(coin, 2**88 - 1), erc721_prize(nft, 1)]
    terms = kit.terms(prizes=prizes, maxPerBuyer=7)
    receipt = raffle.createRaffle(tuple(terms.values()), sender=organiser, value=3 * ETHER)
    log = event(receipt, "RaffleCreated")
    for name in ("ticketPrice", "closesAt", "minTickets", "maxTickets", "maxPerBuyer", "title"):
        assert getattr(log, name) == terms[name]
    assert (log.raffleId, log.organiser, log.paymentToken) == (receipt.return_value, organiser, ZERO)
    assert (log.feeBps, len(receipt.events)) == (FEE_BPS, 3)
    assert [prize.amount for prize in log.prizes] == [3 * ETHER, 2**88 - 1, 0]
    assert (raffle.balance - held, coin.balanceOf(raffle), nft.ownerOf(1)) == (3 * ETHER, 2**88 - 1, raffle)
    assert raffle.stateOf(log.raffleId) == OPEN


def test_create_raffle__the_terms_are_fine__commits_to_the_terms(
    kit: RaffleKit, raffle: Any, coin: Any
) -> None:
    raffle_id = kit.create(prizes=[native_prize(ETHER), erc20_prize(coin, 5)], maxPerBuyer=7)
    info = raffle.infoOf(raffle_id)
    prizes = (Prize(PrizeKind.NATIVE, ZERO, ETHER, 0), Prize(PrizeKind.ERC20, coin.address, 5, 0))
    expected = RaffleTerms(ZERO, PRICE, info.closesAt, 1, 1_000, 7, "A raffle", prizes)
    assert bytes(info.termsHash) == expected.hash()


def with_options(kit: RaffleKit, target: Any, sender: Any, **options: Any) -> Any:
    given = tuple((NO_OPTIONS | options).values())
    return target.createRaffleWith(values(kit), given, sender=sender, value=ETHER)


def test_create_raffle_with__there_are_no_options__reverts_raffle_terms_invalid(
    kit: RaffleKit, raffle: Any, organiser: Any
) -> None:
    with reverts(raffle.RaffleTermsInvalid, field="options"):
        with_options(kit, raffle, organiser)


def test_create_raffle_with__the_desk_itself_is_called__reverts_raffle_desk_direct_call(
    kit: RaffleKit, raffle: Any, project: Any, organiser: Any
) -> None:
    desk = project.RaffleDesk.at(raffle.desk())
    with reverts(desk.RaffleDeskDirectCall):
        with_options(kit, desk, organiser, root=SALT)


def test_create_raffle_with__the_feed_is_not_the_configured_one__reverts_raffle_terms_invalid(
    kit: RaffleKit, raffle: Any, organiser: Any, feed: Any, coin: Any
) -> None:
    with reverts(raffle.RaffleTermsInvalid, field="priceFeed"):
        with_options(kit, raffle, organiser, feed=coin, max_age=HOUR)


@pytest.mark.parametrize("age", [0, HOUR - 1, HOUR + 1])
def test_create_raffle_with__the_maximal_age_is_not_the_configured_one__reverts_raffle_terms_invalid(
    kit: RaffleKit, raffle: Any, organiser: Any, feed: Any, age: int
) -> None:
    with reverts(raffle.RaffleTermsInvalid, field="maxPriceAge"):
        with_options(kit, raffle, organiser, feed=feed, max_age=age)


def test_create_raffle_with__a_maximal_age_or_salt_serves_nothing__reverts_raffle_terms_invalid(
    kit: RaffleKit, raffle: Any, organiser: Any, feed: Any
) -> None:
    with reverts(raffle.RaffleTermsInvalid, field="maxPriceAge"):
        with_options(kit, raffle, organiser, root=SALT, max_age=1)
    with reverts(raffle.RaffleTermsInvalid, field="allowListSalt"):
        with_options(kit, raffle, organiser, feed=feed, max_age=HOUR, salt=SALT)


def test_create_raffle_with__the_options_are_fine__commits_to_terms_and_options(
    options: OptionsKit, raffle: Any
) -> None:
    raffle_id = options.create(feed=options.feed, max_age=HOUR, root=b"\x07" * 32, salt=SALT)
    info = raffle.infoOf(raffle_id)
    expected = RaffleTerms(
        ZERO,
        PRICE,
        info.closesAt,
        1,
        1_000,
        0,
        "A raffle",
        (Prize(PrizeKind.NATIVE, ZERO, ETHER, 0),),
        RaffleOptions(options.feed.address, HOUR, b"\x07" * 32, SALT),
    )
    assert bytes(info.termsHash) == expected.hash()


def test_create_raffle_with__the_options_are_fine__tells_the_options(
    kit: RaffleKit, raffle: Any, organiser: Any, feed: Any, guests: Guests
) -> None:
    receipt = with_options(
        kit, raffle, organiser, feed=feed, max_age=HOUR, root=guests.tree.root, salt=guests.salt
    )
    assert [log.event_name for log in receipt.events] == ["RaffleCreated", "RaffleOptionsFixed"]
    log = event(receipt, "RaffleOptionsFixed")
    assert (log.raffleId, log.priceFeed, log.maxPriceAge) == (receipt.return_value, feed, HOUR)
    assert (log.allowListRoot, log.allowListSalt) == (guests.tree.root, guests.salt)
    assert receipt.return_value == raffle.raffleCount()


def test_create_raffle_with__the_owner_changes_the_feed_later__keeps_what_the_raffle_recorded(
    options: OptionsKit, raffle: Any, project: Any, owner: Any
) -> None:
    raffle_id = options.in_dollars()
    dearer = owner.deploy(project.TestFeed, 8, DOLLAR)
    raffle.setPriceFeed(ZERO, dearer, 5, sender=owner)
    assert raffle.quote(raffle_id, 1) == 4 * ETHER
    raffle.setPriceFeed(ZERO, ZERO, 0, sender=owner)
    assert raffle.quote(raffle_id, 1) == 4 * ETHER
    assert raffle.infoOf(raffle_id).priceFeed == options.feed


def test_set_price_feed__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    raffle: Any, feed: Any, stranger: Any
) -> None:
    with reverts(raffle.OwnableUnauthorizedAccount, account=stranger):
        raffle.setPriceFeed(ZERO, feed, HOUR, sender=stranger)


def test_set_price_feed__the_desk_is_called_directly__reverts_raffle_desk_direct_call(
    raffle: Any, project: Any, feed: Any, owner: Any
) -> None:
    desk = project.RaffleDesk.at(raffle.desk())
    with reverts(desk.RaffleDeskDirectCall):
        desk.setPriceFeed(ZERO, feed, HOUR, sender=owner)


@pytest.mark.parametrize("kind", ["no age", "7 decimals", "19 decimals", "no contract", "no feed"])
def test_set_price_feed__the_feed_cannot_be_used__reverts_raffle_price_feed_invalid(
    raffle: Any, project: Any, feed: Any, owner: Any, stranger: Any, kind: str
) -> None:
    candidates: dict[str, tuple[Any, int]] = {
        "no age": (feed, 0),
        "7 decimals": (owner.deploy(project.TestFeed, 7, 1), HOUR),
        "19 decimals": (owner.deploy(project.TestFeed, 19, 1), HOUR),
        "no contract": (stranger, HOUR),
        "no feed": (ZERO, HOUR),
    }
    candidate, age = candidates[kind]
    with reverts(raffle.RafflePriceFeedInvalid, token=ZERO, feed=candidate, maxAge=age):
        raffle.setPriceFeed(ZERO, candidate, age, sender=owner)


def test_set_price_feed__the_token_has_too_many_decimals__reverts_raffle_price_feed_invalid(
    raffle: Any, feed: Any, odd: Any, owner: Any
) -> None:
    raffle.setPriceFeed(odd, feed, HOUR, sender=owner)
    odd.become(MANY_DECIMALS, sender=owner)
    with reverts(raffle.RafflePriceFeedInvalid, token=odd):
        raffle.setPriceFeed(odd, feed, HOUR, sender=owner)


def test_set_price_feed__the_feed_can_be_used__serves_raffles_of_the_future(
    options: OptionsKit, raffle: Any, project: Any, owner: Any
) -> None:
    newer = owner.deploy(project.TestFeed, 18, ETHER // 2)
    log = event(raffle.setPriceFeed(ZERO, newer, 60, sender=owner), "PriceFeedChanged")
    assert (log.token, log.feed, log.maxAge) == (ZERO, newer, 60)
    raffle_id = options.create(terms={"ticketPrice": DOLLAR}, feed=newer, max_age=60)
    assert raffle.quote(raffle_id, 3) == 6 * ETHER


def test_set_price_feed__no_feed_is_named__removes_it(options: OptionsKit, raffle: Any, owner: Any) -> None:
    raffle.setPriceFeed(ZERO, ZERO, 0, sender=owner)
    assert tuple(raffle.priceFeedOf(ZERO)) == (ZERO, 0)
    with reverts(raffle.RaffleTermsInvalid, field="priceFeed"):
        options.in_dollars()
