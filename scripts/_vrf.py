"""The VRF subscription of a deployment: how it stands, what it has, and who may ask it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address

from scripts._amounts import tell_amount
from scripts._deployment import ZERO_ADDRESS
from scripts._desk import POL_DECIMALS, Desk
from scripts._given import DeskError, is_address
from scripts._proposal import parse_proposal, write_document
from scripts._turn import next_turn, reach

ASKING = ("Raffle", "Contest")
"""Contracts that draw, so that need to be consumers."""


class Subscription:
    """What the registry records under `vrf`, or another one of the same coordinator."""

    def __init__(self, desk: Desk, number: int | None = None) -> None:
        recorded = desk.registry.extra.get("vrf")
        if not recorded:
            raise DeskError("This deployment has no VRF subscription: its draws are decided by drand alone.")
        self.desk = desk
        self.id = number or int(recorded["subscription_id"])
        self._which = "" if number is None else f" --subscription {number}"
        self._pol = desk.token(ZERO_ADDRESS)
        self._coordinator = str(recorded["coordinator"])

    def lines(self) -> Iterator[str]:
        """Owner, balance, consumers, and whether draws ask it."""
        link, native, requests, owner, consumers = self._read()
        yield f"coordinator {self._coordinator}"
        yield f"subscription {self.id}"
        yield f"owner       {self.desk.named(owner)}"
        yield f"balance     {self._pol.tell(native)}{'' if native else ': NOTHING is answered, draws go on by drand alone'}"
        if link:
            yield f"LINK        {tell_amount(link, POL_DECIMALS)} LINK, which our draws do not use"
        open_ = self._view("pendingRequestExists", self.id)
        yield f"requests    {requests} so far, {'some' if open_ else 'none'} not answered yet"
        for consumer in consumers:
            yield f"consumer    {self.desk.named(consumer)}"
        for name in ASKING:
            address, config = self.desk.known(name).address, self.desk.view(name, "vrfConfig")
            if address not in consumers:
                yield f"MISSING     {name} is no consumer: ape run vrf add {name}{self._which}"
            if (config["coordinator"], config["subscriptionId"]) != (self._coordinator, self.id):
                told = (
                    "nobody"
                    if config["coordinator"] == ZERO_ADDRESS
                    else f"subscription {config['subscriptionId']}"
                )
                yield f"OTHER       {name} asks {told} of {config['coordinator']}, not this subscription"

    def create(self) -> None:
        """Make another one, which the account owns; each time one more."""
        desk = self.desk
        desk.agree()
        turn = next_turn(desk)
        call = desk.contract("VRFCoordinator", self._coordinator).createSubscription
        receipt = desk.sending.send("create a subscription", call, nonce=turn.nonce)
        if receipt is not None:
            logs = desk.chain.receipt_logs(str(receipt.txn_hash))  # Polygon adds one of its own, for the fee
            made = next(log for log in logs if to_checksum_address(log["address"]) == self._coordinator)
            number = int(made["topics"][1], 16)
            desk.say(f"subscription {number}")
            for step in ("fund UP_TO", *(f"add {name}" for name in ASKING), "hand-over --file FILE"):
                desk.say(f"next        ape run vrf {step} --subscription {number}")

    def hand_over(self, file: Path | None, why: str | None) -> None:
        """Offer the account's own to the timelock, and propose that it is taken and asked by all that draw."""
        desk, timelock = self.desk, self.desk.known("Timelock").address
        *_, owner, consumers = self._read()
        if owner != desk.me:
            raise DeskError(f"Only the subscription's owner {owner} can hand it over; you are {desk.me}.")
        missing = [name for name in ASKING if desk.known(name).address not in consumers]
        if missing:
            raise DeskError(f"{', '.join(missing)} could not ask it: `ape run vrf add` first.")
        coordinator, accept = desk.known("VRFCoordinator"), "acceptSubscriptionOwnerTransfer"
        if not desk.chain.would_succeed(coordinator, accept, self.id, sender=timelock, at=self._coordinator):
            desk.agree()
            call = desk.contract("VRFCoordinator", self._coordinator).requestSubscriptionOwnerTransfer
            desk.sending.send("offer the subscription to the timelock", call, self.id, timelock)
        desk.say("It is offered to the timelock. A vote has to take it, and to have draws to come ask it:")
        calls = [self._call(accept, str(self.id)), *(self._asking(name) for name in ASKING)]
        self._propose("take the subscription and have it asked", calls, file, why)

    def _asking(self, name: str) -> dict[str, Any]:
        """The call by which a contract's draws to come ask this subscription; all else stays."""
        config = {**self.desk.view(name, "vrfConfig"), "coordinator": self._coordinator}
        config |= {"subscriptionId": str(self.id), "keyHash": "0x" + config["keyHash"].hex()}
        return {"contract": name, "function": "setVrfConfig", "arguments": [list(config.values())]}

    def fund(self, up_to: int) -> None:
        """Pay in what is missing to this balance, in wei. Anybody may; a second run pays nothing."""
        desk = self.desk
        turn = next_turn(desk)
        balance = self._read()[1]
        missing = up_to - balance
        desk.say(f"balance     {self._pol.tell(balance)}, wanted {self._pol.tell(up_to)}")
        if missing <= 0:
            return
        has = desk.chain.balance(desk.me)
        if has < missing:
            raise DeskError(f"{desk.me} has {self._pol.tell(has)}, {self._pol.tell(missing)} are missing.")
        desk.agree()
        call = desk.contract("VRFCoordinator", self._coordinator).fundSubscriptionWithNative
        what = f"pay {self._pol.tell(missing)} into subscription {self.id}"
        receipt = desk.sending.send(what, call, self.id, value=missing, nonce=turn.nonce)
        if receipt is not None:
            reach(desk, receipt.block_number)
            desk.say(f"balance     {self._pol.tell(self._read()[1])}")

    def change(self, consumer: str, *, add: bool, file: Path | None, why: str | None) -> None:
        """Add or remove a consumer: by the owner at once; for the timelock as a proposal in `file`."""
        desk, address = self.desk, self._address(consumer)
        *_, owner, consumers = self._read()
        if (address in consumers) == add:
            desk.say(f"{desk.named(address)} is {'a' if add else 'no'} consumer already.")
            return
        if not add and self._view("pendingRequestExists", self.id):
            raise DeskError(
                "A request is not answered yet, and the coordinator removes nobody meanwhile: wait for it."
            )
        function = "addConsumer" if add else "removeConsumer"
        what = f"{'add' if add else 'remove'} consumer {self.desk.named(address)}"
        if owner == desk.me:
            desk.agree()
            call = getattr(desk.contract("VRFCoordinator", self._coordinator), function)
            desk.sending.send(what, call, self.id, address)
            return
        if owner != desk.known("Timelock").address:
            raise DeskError(f"Only the subscription's owner {owner} can {what}; you are {desk.me}.")
        coordinator, timelock = desk.known("VRFCoordinator"), desk.known("Timelock").address
        if not desk.chain.would_succeed(
            coordinator, function, self.id, address, sender=timelock, at=self._coordinator
        ):
            raise DeskError(
                f"The coordinator would refuse to {what}, also from the timelock: nothing to propose."
            )
        desk.say(
            f"The timelock owns the subscription, so a vote has to {what}. From it this call goes through now:"
        )
        self._propose(what, [self._call(function, str(self.id), address)], file, why)

    def _call(self, function: str, *arguments: str) -> dict[str, Any]:
        """Of the coordinator, as a proposal has it."""
        return {
            "contract": "VRFCoordinator",
            "at": self._coordinator,
            "function": function,
            "arguments": list(arguments),
        }

    def _propose(self, what: str, calls: list[dict[str, Any]], file: Path | None, why: str | None) -> None:
        desk, document = self.desk, {"description": why or f"VRF: {what}", "calls": calls}
        proposal = parse_proposal(document, desk.registry)
        for one in proposal.calls:
            desk.say(f"call        {one.told}")
        if file is None:
            desk.say("Say --file FILE to write it as a proposal; this is what would stand there:")
            desk.say(json.dumps(document, indent=1, ensure_ascii=False))
        elif desk.sending.dry_run:
            desk.say(f"would write {file}")
        else:
            write_document(file, document)
            desk.say(f"Written. Next: ape run governance propose {file}")

    def _address(self, consumer: str) -> str:
        """Of an address, or of a contract of the registry by its name."""
        if is_address(consumer):
            return str(to_checksum_address(consumer))
        if consumer in self.desk.registry.contracts:
            return self.desk.known(consumer).address
        raise DeskError(
            f"{consumer!r} is no address and no contract of the registry, such as {', '.join(ASKING)}."
        )

    def _read(self) -> tuple[int, int, int, str, list[str]]:
        """LINK and native balance in the smallest unit, requests, owner, consumers."""
        link, native, requests, owner, consumers = self._view("getSubscription", self.id)
        return link, native, requests, owner, [str(to_checksum_address(one)) for one in consumers]

    def _view(self, function: str, *arguments: Any) -> Any:
        return self.desk.view("VRFCoordinator", function, *arguments, at=self._coordinator)


__all__ = ["Subscription"]
