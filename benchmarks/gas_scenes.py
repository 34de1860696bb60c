"""What every operation costs, measured by receipts on anvil (prague).

The same scenes feed the table of `benchmarks/gas.py` and the snapshot test. Accounts, their nonces and the time are
fixed, so the numbers are: the draws come out the same every time.
"""

from collections.abc import Iterator
from typing import Any

from eth_utils import keccak, to_checksum_address

from benchmarks.contest_scenes import contest_scenes
from benchmarks.governance_scenes import governance_scenes
from benchmarks.token_scenes import deploy_factory, deploy_templates, token_scenes
from benchmarks.vesting_scenes import vesting_scenes
from benchmarks.vrf_scenes import Vrf
from tests.contracts import local_drand
from tests.contracts.kit import (
    DAY,
    MARGIN,
    NATIVE,
    REVEAL_DELAY,
    ZERO,
    event,
    native_prize,
    no_vrf,
    vrf_settings,
)
from tests.contracts.vesting_kit import deploy_vesting

ETHER = 10**18
PRICE = 10**17
START = 2_000_000_000


class Scenes:
    """The contracts, deployed by an account that nothing else uses."""

    def __init__(self, project: Any, chain: Any, accounts: Any) -> None:
        self.project, self.chain = project, chain
        self.deployer, self.buyer = accounts[8], accounts[9]
        # Every block is a second after the one before, whatever the clock says.
        self._rpc("anvil_setBlockTimestampInterval", 1)
        chain.pending_timestamp = START
        deploy = self.deployer.deploy
        self.beacon = deploy(
            project.DrandBeacon, local_drand.public_key(), local_drand.GENESIS, local_drand.PERIOD
        )
        self.vrf = Vrf(chain, self.deployer)
        vrf = vrf_settings(self.vrf.coordinator, self.vrf.subscription)
        draw = (self.deployer, self.beacon, REVEAL_DELAY, MARGIN)
        self.raffle = deploy(project.Raffle, *draw, vrf, DAY, 250, self.deployer)
        self.contest = deploy(project.Contest, *draw, vrf)
        self.contest_drand = deploy(project.Contest, *draw, no_vrf())
        self.vrf.add(self.raffle, self.contest)
        self.vesting = deploy_vesting(project, self.deployer, self.deployer, self.deployer)
        self.templates = deploy_templates(self)
        self.factory = deploy_factory(self)

    def measure(self) -> dict[str, int]:
        """Gas by operation."""
        scenes = (
            self._tokens,
            self._vesting,
            self._sale,
            self._small_raffle,
            self._refund,
            self._batch,
            self._contests,
            self._governance,
            self._attestations,
        )
        begin = self.chain.pending_timestamp // DAY * DAY
        measured: dict[str, int] = {}
        for number, scene in enumerate(scenes, 1):
            # Each at its own time: how long one takes changes nobody's drand round, so nobody's winners.
            self.chain.pending_timestamp = begin + number * 100 * DAY
            measured.update(scene())
        self._rpc("anvil_removeBlockTimestampInterval")
        return measured

    def _rpc(self, method: str, *arguments: Any) -> None:
        self.chain.provider.make_request(method, list(arguments))

    def finalise(self, contract: Any, draw_id: int) -> int:
        draw = contract.drawOf(draw_id)
        self.chain.pending_timestamp = max(self.chain.pending_timestamp, draw.revealAt + 60)
        receipt = contract.finalise(draw_id, local_drand.sign(draw.round), sender=self.deployer)
        return int(receipt.gas_used)

    def _tokens(self) -> Iterator[tuple[str, int]]:
        yield from token_scenes(self)

    def _governance(self) -> Iterator[tuple[str, int]]:
        yield from governance_scenes(self)

    def _vesting(self) -> Iterator[tuple[str, int]]:
        yield from vesting_scenes(self)

    def _create(self, prizes: list[Any], **changes: Any) -> Any:
        terms = {
            "paymentToken": ZERO,
            "ticketPrice": PRICE,
            "closesAt": self.chain.pending_timestamp + 3600,
            "minTickets": 1,
            "maxTickets": 1_000_000,
            "maxPerBuyer": 0,
            "title": "A raffle",
            "prizes": prizes,
        } | changes
        value = sum(prize[2] for prize in prizes if prize[0] == NATIVE)
        return self.raffle.createRaffle(tuple(terms.values()), sender=self.deployer, value=value)

    def _buy(self, raffle_id: int, count: int, buyer: Any = None) -> Any:
        return self.raffle.buyTickets(
            raffle_id, count, buyer or self.buyer, sender=self.buyer, value=PRICE * count
        )

    def _request(self, raffle_id: int) -> Any:
        self.chain.pending_timestamp = self.raffle.infoOf(raffle_id).closesAt
        return self.raffle.requestDraw(raffle_id, sender=self.deployer)

    def _sale(self) -> Iterator[tuple[str, int]]:
        created = self._create([native_prize(ETHER)])
        yield "raffle: create, one POL prize", created.gas_used
        raffle_id = event(created, "RaffleCreated").raffleId
        yield "raffle: buy 1 with POL, first", self._buy(raffle_id, 1).gas_used
        yield "raffle: buy 1 with POL, later", self._buy(raffle_id, 1).gas_used
        yield "raffle: buy 100 with POL", self._buy(raffle_id, 100).gas_used

    def _small_raffle(self) -> Iterator[tuple[str, int]]:
        """10,000 tickets in 100 entries, one prize."""
        raffle_id = event(self._create([native_prize(ETHER)]), "RaffleCreated").raffleId
        for _ in range(100):
            self._buy(raffle_id, 100)
        request = self._request(raffle_id)
        yield "raffle: request the draw, VRF included", request.gas_used
        yield "raffle: VRF callback", self.vrf.measure(self.raffle, request)
        yield "raffle: finalise with drand", self.finalise(self.raffle, raffle_id)
        entry = self.raffle.winnerOf(raffle_id, 0).entryIndex
        snapshot = self.chain.snapshot()
        searched = self.raffle.claim(raffle_id, 0, sender=self.deployer).gas_used
        self.chain.restore(snapshot)
        yield (
            "raffle: claim, hinted",
            self.raffle.claimHinted(raffle_id, 0, entry, sender=self.deployer).gas_used,
        )
        yield "raffle: claim, searched among 100 entries", searched
        yield "raffle: withdraw proceeds", self.raffle.withdrawProceeds(raffle_id, sender=self.buyer).gas_used

    def _refund(self) -> Iterator[tuple[str, int]]:
        raffle_id = event(self._create([native_prize(ETHER)], minTickets=5), "RaffleCreated").raffleId
        self._buy(raffle_id, 1)
        self._buy(raffle_id, 1)
        self.chain.pending_timestamp = self.raffle.infoOf(raffle_id).closesAt
        self.raffle.openRefunds(raffle_id, sender=self.deployer)
        yield "raffle: refund an entry", self.raffle.refund(raffle_id, 1, sender=self.deployer).gas_used

    def _batch(self) -> Iterator[tuple[str, int]]:
        """100 POL prizes to (almost) as many winners among 10,000 tickets in 100 entries."""
        created = self._create([native_prize(10**15)] * 100)
        yield "raffle: create, 100 equal POL prizes", created.gas_used
        raffle_id = event(created, "RaffleCreated").raffleId
        for index in range(100):
            holder = to_checksum_address(keccak(text=f"holder {index}")[:20])
            self.deployer.transfer(holder, 1)
            self._buy(raffle_id, 100, holder)
        self._request(raffle_id)
        self.finalise(self.raffle, raffle_id)
        entries = [ticket // 100 for ticket in self.raffle.winningNumbers(raffle_id, 0, 100)]
        order = sorted(range(100), key=lambda rank: entries[rank])
        receipt = self.raffle.claimMany(
            raffle_id, order, [entries[rank] for rank in order], sender=self.deployer
        )
        yield "raffle: claim 100 in one transaction", receipt.gas_used

    def _contests(self) -> Iterator[tuple[str, int]]:
        yield from contest_scenes(self)

    def _attestations(self) -> Iterator[tuple[str, int]]:
        it = self.deployer.deploy(self.project.Attestations, self.deployer, self.deployer)
        for number, name in enumerate(("first", "later"), 1):
            said = (keccak(text="topic"), number, keccak(text="root"), ETHER, keccak(text="document"))
            yield (
                f"attestations: publish, {name} of a topic",
                it.publish(*said, sender=self.deployer).gas_used,
            )
