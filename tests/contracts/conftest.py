"""Roles and deployed contracts; what a test does with them is in kit.py."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.contracts import quick_drand
from tests.contracts.contest_kit import ContestKit
from tests.contracts.kit import DAY, HOUR, MARGIN, REVEAL_DELAY, ZERO, RaffleKit, event, no_vrf, vrf_settings
from tests.contracts.raffle_kit import Guests, OptionsKit
from tests.contracts.token_kit import BURN, FULL, FULL_ID, MINT, PLAIN, TokenKit
from tests.contracts.vesting_kit import VestingKit, deploy_vesting
from tests.contracts.vrf_kit import Vrf
from tests.evm.plugin import *  # noqa: F403

ETHER = 10**18
FEE_BPS = 250


@pytest.fixture(scope="session")
def owner(accounts: Any) -> Any:
    return accounts[0]


@pytest.fixture(scope="session")
def organiser(accounts: Any) -> Any:
    return accounts[1]


@pytest.fixture(scope="session")
def buyer(accounts: Any) -> Any:
    return accounts[2]


@pytest.fixture(scope="session")
def other_buyer(accounts: Any) -> Any:
    return accounts[3]


@pytest.fixture(scope="session")
def treasury(accounts: Any) -> Any:
    return accounts[4]


@pytest.fixture(scope="session")
def stranger(accounts: Any) -> Any:
    return accounts[5]


@pytest.fixture(scope="session")
def beacon(project: Any, owner: Any) -> Any:
    """Rounds under a key of our own, without BLS, which the fast chain cannot do; test_real_draw.py can."""
    return owner.deploy(project.TestBeacon, quick_drand.KEY, quick_drand.GENESIS, quick_drand.PERIOD)


@pytest.fixture(scope="session")
def vrf(chain: Any, owner: Any) -> Vrf:
    """Chainlink's coordinator with a funded subscription, and its oracle."""
    return Vrf.deploy(chain, owner)


@pytest.fixture(scope="session")
def coordinator(vrf: Vrf) -> Any:
    return vrf.coordinator


@pytest.fixture(scope="session")
def subscription(vrf: Vrf) -> int:
    return vrf.subscription


@pytest.fixture(scope="session")
def raffle(project: Any, owner: Any, treasury: Any, beacon: Any, coordinator: Any, subscription: int) -> Any:
    settings = vrf_settings(coordinator, subscription)
    raffle = owner.deploy(
        project.Raffle, owner, beacon, REVEAL_DELAY, MARGIN, settings, DAY, FEE_BPS, treasury
    )
    coordinator.addConsumer(subscription, raffle, sender=owner)
    return raffle


@pytest.fixture(scope="session")
def contest(project: Any, owner: Any, beacon: Any, coordinator: Any, subscription: int) -> Any:
    contest = owner.deploy(
        project.Contest, owner, beacon, REVEAL_DELAY, MARGIN, vrf_settings(coordinator, subscription)
    )
    coordinator.addConsumer(subscription, contest, sender=owner)
    return contest


@pytest.fixture(scope="session")
def contest_without_vrf(project: Any, owner: Any, beacon: Any) -> Any:
    return owner.deploy(project.Contest, owner, beacon, REVEAL_DELAY, MARGIN, no_vrf())


@pytest.fixture(scope="session")
def guardian(accounts: Any) -> Any:
    return accounts[6]


@pytest.fixture(scope="session")
def vesting(project: Any, owner: Any, guardian: Any) -> Any:
    """Behind its proxy; the owner stands for the timelock."""
    return deploy_vesting(project, owner, owner, guardian)


@pytest.fixture
def vestings(vesting: Any, coin: Any, chain: Any, organiser: Any) -> VestingKit:
    """The organiser's plans; the contract may take what they grant."""
    coin.approve(vesting, 10**40, sender=organiser)
    return VestingKit(vesting, coin, chain, organiser)


@pytest.fixture(scope="session")
def factory(project: Any, owner: Any, treasury: Any, vesting: Any) -> Any:
    templates = [(FULL, owner.deploy(project.Token)), (PLAIN, owner.deploy(project.PlainToken))]
    return owner.deploy(project.TokenFactory, owner, treasury, vesting, ETHER, templates)


@pytest.fixture(scope="session")
def tokens(project: Any, factory: Any, chain: Any, organiser: Any) -> TokenKit:
    """The factory in the organiser's hands."""
    return TokenKit(project, factory, chain, organiser)


@pytest.fixture(params=["create", "plain"])
def template(request: pytest.FixtureRequest) -> str:
    """What makes a token of each template."""
    return str(request.param)


@pytest.fixture
def token(template: str, tokens: TokenKit) -> Any:
    """One of either template; all of it is the organiser's."""
    return getattr(tokens, template)()


@pytest.fixture
def twin(template: str, tokens: TokenKit) -> Any:
    """The same configuration at another address."""
    return getattr(tokens, template)(b"\x02" * 32)


@pytest.fixture(scope="session")
def wallet(project: Any, owner: Any) -> Any:
    """An account that is a contract and signs by ERC-1271."""
    return owner.deploy(project.TestWallet)


@pytest.fixture(scope="session")
def launched(project: Any, factory: Any, organiser: Any) -> Any:
    """A token of the factory; the organiser holds all of it and is its admin."""
    config = ("Launched", "LNCH", organiser, organiser, 10**27, 10**26, FULL_ID, MINT | BURN)
    receipt = factory.createToken(config, b"\0" * 32, ETHER, sender=organiser, value=ETHER)
    return project.Token.at(event(receipt, "TokenCreated").token)


@pytest.fixture(scope="session")
def winners_harness(project: Any, owner: Any) -> Any:
    return owner.deploy(project.WinnersHarness)


@pytest.fixture(scope="session")
def coin(project: Any, owner: Any, organiser: Any, buyer: Any, other_buyer: Any) -> Any:
    """An ordinary ERC-20 that organiser and buyers hold."""
    coin = owner.deploy(project.TestERC20)
    for holder in (organiser, buyer, other_buyer):
        coin.mint(holder, 10**9 * ETHER, sender=owner)
    return coin


@pytest.fixture(scope="session")
def nft(project: Any, owner: Any, organiser: Any) -> Any:
    """An ERC-721 of which the organiser holds numbers 1 to 5."""
    nft = owner.deploy(project.TestERC721)
    for number in range(1, 6):
        nft.mint(organiser, number, sender=owner)
    return nft


@pytest.fixture(scope="session")
def create_actor(project: Any, owner: Any) -> Callable[[], Any]:
    return lambda: owner.deploy(project.Actor)


@pytest.fixture
def kit(raffle: Any, chain: Any, organiser: Any, coordinator: Any) -> RaffleKit:
    return RaffleKit(raffle=raffle, chain=chain, organiser=organiser, coordinator=coordinator)


@pytest.fixture
def contests(contest: Any, chain: Any, organiser: Any) -> ContestKit:
    return ContestKit(contest=contest, chain=chain, organiser=organiser)


@pytest.fixture(scope="session")
def feed(project: Any, owner: Any, raffle: Any, coin: Any, launched: Any) -> Any:
    """A quarter of a dollar, 8 decimals: for POL and two tokens."""
    feed = owner.deploy(project.TestFeed, 8, 25 * 10**6)
    for token in (ZERO, coin.address, launched.address):
        raffle.setPriceFeed(token, feed, HOUR, sender=owner)
    return feed


@pytest.fixture
def options(kit: RaffleKit, feed: Any) -> OptionsKit:
    """The feed has just answered."""
    feed.update(25 * 10**6, sender=kit.organiser)
    return OptionsKit(kit, feed)


@pytest.fixture
def guests(kit: RaffleKit, buyer: Any, other_buyer: Any, treasury: Any) -> Guests:
    """Three people: any number of tickets, two, five."""
    people = [(buyer, 0), (other_buyer, 2), (treasury, 5)]
    return Guests(kit.raffle, kit.chain, kit.organiser, people)
