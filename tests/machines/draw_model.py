"""What must be true of prizes and draws, from the words of IRandomness and RAFFLE.md alone."""

from dataclasses import dataclass

from listener.chain.draw.seed import draw_seed, randomness
from tests.contracts import quick_drand

REVEAL_DELAY, MARGIN = 900, 60


@dataclass(frozen=True)
class Prize:
    """Money of a currency (its index), or one ERC-721 when `currency` is None."""

    currency: int | None
    amount: int
    token_id: int = 0


@dataclass
class Draw:
    """Fixed at the request, but for word and seed."""

    requested_at: int
    request_id: int
    coordinator: str
    n: int
    k: int
    commitment: bytes
    word: int = 0
    seed: bytes = b""

    @property
    def reveal_at(self) -> int:
        return self.requested_at + REVEAL_DELAY

    @property
    def vrf_deadline(self) -> int:
        return self.reveal_at - MARGIN

    @property
    def round(self) -> int:
        return (self.reveal_at - quick_drand.GENESIS) // quick_drand.PERIOD + 2

    def finalise(self, chain_id: int, contract: str, number: int) -> None:
        drand = quick_drand.randomness_of(quick_drand.sign(self.round))
        self.seed = draw_seed(
            chain_id=chain_id,
            contract=contract,
            draw_id=number,
            commitment=self.commitment,
            n=self.n,
            randomness=randomness(self.word, self.round, drand),
        )
