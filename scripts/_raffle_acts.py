"""Acting on raffles: create, close, finalise, claim, proceeds, refund."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from listener.chain.draw.terms import Prize, PrizeKind, RaffleOptions, RaffleTerms
from scripts._batches import next_batch
from scripts._drand import beacon_url, signature_of
from scripts._given import DeskError, when
from scripts._nft import allow_nft
from scripts._raffle import Raffle, Raffles, State
from scripts._turn import next_turn, reach

PAYOUT_GAS = 80_000
"""Of one claim or refund in a batch, to begin with."""


class RaffleActs(Raffles):
    """What an account can do; each step looks first and changes nothing the second time."""

    def create(self, terms: RaffleTerms) -> None:
        """Put the prizes into escrow and open it, unless the account has opened one of just these terms."""
        desk = self.desk
        for line in self.terms_lines(terms):
            desk.say(line)
        next_turn(desk)  # what an earlier run has sent is to be seen first
        if self._is_there(terms):
            return
        desk.agree()
        if not self._allow(terms.prizes):
            desk.sending.foretell("create the raffle")
            return
        turn = next_turn(desk)
        if self._is_there(terms):
            return
        pol = sum(one.amount for one in terms.prizes if one.kind is PrizeKind.NATIVE)
        contract, given = desk.contract("Raffle"), [_config(terms)]
        if terms.options is not None:
            given.append(_options(terms.options))
        method = contract.createRaffle if terms.options is None else contract.createRaffleWith
        receipt = desk.sending.send("create the raffle", method, *given, value=pol, nonce=turn.nonce)
        if receipt is not None:
            reach(desk, receipt.block_number)
            self._is_there(terms)

    def close(self, raffle: Raffle) -> None:
        """Request the draw of a raffle whose sale is over."""
        if raffle.state is State.REFUNDING:
            raise DeskError(
                f"Raffle {raffle.id} sold {raffle.info['ticketsSold']} of {raffle.info['minTickets']} tickets: it refunds. "
                f"Next: ape run raffle refund {raffle.id}"
            )
        if raffle.state in (State.DRAWING, State.DRAWN):
            self.desk.say(f"The draw of raffle {raffle.id} is requested. Next: {raffle.next_step()}")
            return
        self._expect(raffle, State.CLOSED)
        self._send(f"request the draw of raffle {raffle.id}", "requestDraw", raffle.id)

    def finalise(self, raffle: Raffle, drand_url: str | None) -> None:
        """Hand in the drand round that decides the draw."""
        if raffle.state is State.DRAWN:
            self.desk.say(f"Raffle {raffle.id} is drawn. Next: {raffle.next_step()}")
            return
        self._expect(raffle, State.DRAWING)
        if self.desk.now < raffle.draw["revealAt"]:
            raise DeskError(
                f"The round that decides comes after {when(raffle.draw['revealAt'])}: wait until then."
            )
        url = beacon_url(self.desk.registry.extra["drand"], drand_url)
        signature = signature_of(url, raffle.draw["round"])
        what = f"finalise raffle {raffle.id} by drand round {raffle.draw['round']}"
        self._send(what, "finalise", raffle.id, signature)

    def claim(self, raffle: Raffle, ranks: Sequence[int], to: str | None, gas_part: int) -> None:
        """Pay prizes to their winners, and those that nobody won to the organiser."""
        self._expect(raffle, State.DRAWN)
        count, winners = raffle.info["prizeCount"], raffle.draw["k"]
        for rank in ranks:
            if not 0 <= rank < count:
                raise DeskError(f"Raffle {raffle.id} has no rank {rank}: they are 0 to {count - 1}.")
        settled = self.settled(raffle)
        open_ = [rank for rank in ranks or range(count) if rank not in settled]
        won, left = [rank for rank in open_ if rank < winners], [rank for rank in open_ if rank >= winners]
        self.desk.say(f"to claim    {len(won)} prizes; {len(left)} that nobody won return to the organiser")
        if to is not None:
            for rank in won:
                self._send(f"claim rank {rank} of raffle {raffle.id} to {to}", "claimTo", raffle.id, rank, to)
            return
        found = self.desk.views("Raffle", "winnerOf", ((raffle.id, rank) for rank in won))
        pairs = [(rank, entry) for rank, (_, entry, _) in zip(won, found, strict=True)]
        self._in_batches(
            "claim {} prizes",
            "claimMany",
            raffle.id,
            pairs,
            gas_part,
            lambda part: list(zip(*part, strict=True)),
        )
        self._in_batches("return {} prizes", "returnPrizes", raffle.id, left, gas_part, lambda part: [part])

    def proceeds(self, raffle: Raffle) -> None:
        """Pay what the tickets brought to the organiser."""
        self._expect(raffle, State.DRAWN)
        if raffle.info["proceedsWithdrawn"]:
            self.desk.say(f"The proceeds of raffle {raffle.id} are paid.")
            return
        self._send(f"pay the proceeds of raffle {raffle.id}", "withdrawProceeds", raffle.id)

    def refund(self, raffle: Raffle, gas_part: int) -> None:
        """Pay every entry back, and the prizes to the organiser; opens refunds first where no seed came in time."""
        if raffle.state in (State.CLOSED, State.DRAWING) and self.desk.now >= raffle.due:
            what = f"open refunds of raffle {raffle.id}: no seed came by {when(raffle.due)}"
            if self._send(what, "openRefunds", raffle.id) is None:
                self.desk.sending.foretell(
                    f"refund {raffle.info['entryCount']} entries", "once refunds are open"
                )
                return
            raffle = self.raffle(raffle.id)
        if raffle.state in (State.CLOSED, State.DRAWING):
            raise DeskError(
                f"Raffle {raffle.id} can still be drawn; refunds are due from {when(raffle.due)}. "
                f"Next: {raffle.next_step()}"
            )
        self._expect(raffle, State.REFUNDING)
        owed = self.owed(raffle)
        total = sum(self.desk.views("Raffle", "paidOf", ((raffle.id, entry) for entry in owed)))
        settled = self.settled(raffle)
        kept = [rank for rank in range(raffle.info["prizeCount"]) if rank not in settled]
        self.desk.say(
            f"to refund   {len(owed)} entries, {raffle.token.tell(total)}; {len(kept)} prizes to return"
        )
        self._in_batches("refund {} entries", "refundMany", raffle.id, owed, gas_part, lambda part: [part])
        self._in_batches("return {} prizes", "returnPrizes", raffle.id, kept, gas_part, lambda part: [part])

    def _in_batches(
        self,
        what: str,
        function: str,
        raffle_id: int,
        items: Sequence[Any],
        gas_part: int,
        arguments: Callable[[Sequence[Any]], list[Any]],
    ) -> None:
        if not items:
            return
        self.desk.agree()
        sender, method = self.desk.sending, getattr(self.desk.contract("Raffle"), function)
        most = sender.most_gas(gas_part)
        while items:
            batch = next_batch(
                items,
                most,
                PAYOUT_GAS,
                lambda part: sender.gas_of(what.format(len(part)), method, raffle_id, *arguments(part)),
            )
            told = f"{what.format(len(batch))} of raffle {raffle_id}"
            sender.send(told, method, raffle_id, *arguments(batch))
            items = items[len(batch) :]

    def _send(self, what: str, function: str, *arguments: Any) -> Any:
        self.desk.agree()
        receipt = self.desk.sending.send(what, getattr(self.desk.contract("Raffle"), function), *arguments)
        if receipt is not None:
            reach(self.desk, receipt.block_number)
        return receipt

    def _allow(self, prizes: Sequence[Prize]) -> bool:
        """Let the contract take the prizes; False in a dry run that only said so."""
        desk, address = self.desk, self.desk.known("Raffle").address
        sums = Counter[str]()
        for one in prizes:
            if one.kind is PrizeKind.ERC20:
                sums[one.token] += one.amount
        allowed = [desk.allow(desk.token(token), address, amount) for token, amount in sums.items()]
        nfts = [(one.token, one.token_id) for one in prizes if one.kind is PrizeKind.ERC721]
        allowed += [allow_nft(desk, token, token_id, address) for token, token_id in nfts]
        return all(allowed)

    def _is_there(self, terms: RaffleTerms) -> bool:
        """Whether the account has a raffle of just these terms; says its number."""
        for log in self.desk.logs("Raffle", "RaffleCreated", None, self.desk.me):
            if log.args["termsHash"] == terms.hash():
                self.desk.say(f"raffle      {log.args['raffleId']} has these terms, in block {log.block}")
                return True
        return False

    def _expect(self, raffle: Raffle, state: State) -> None:
        if raffle.state is not state:
            raise DeskError(
                f"Raffle {raffle.id} is {raffle.state.name.lower()}, it has to be {state.name.lower()}. "
                f"Next: {raffle.next_step()}"
            )


def _config(terms: RaffleTerms) -> tuple[Any, ...]:
    numbers = (terms.ticket_price, terms.closes_at, terms.min_tickets, terms.max_tickets, terms.max_per_buyer)
    prizes = [(int(one.kind), one.token, one.amount, one.token_id) for one in terms.prizes]
    return (terms.payment_token, *numbers, terms.title, prizes)


def _options(given: RaffleOptions) -> tuple[Any, ...]:
    return (given.price_feed, given.max_price_age, given.allow_list_root, given.allow_list_salt)


__all__ = ["RaffleActs"]
