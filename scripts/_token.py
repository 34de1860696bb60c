"""Tokens of the factory: what a launch would make, what a token is, and its roles' acts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from scripts._deployment import ZERO_ADDRESS, kind
from scripts._desk import Desk, TokenFacts
from scripts._evidence import CannotTellError
from scripts._given import DeskError
from scripts._turn import next_turn, reach
from scripts._vesting_list import Row

DECIMALS = 18
FEATURES = {"mint": 1, "burn": 2, "pause": 4, "bridge": 8}
WITH_ROLE = ("mint", "pause", "bridge")
ROLES = {
    "admin": bytes(32),
    **{name: keccak(text=f"{name.upper()}_ROLE") for name in ("minter", "pauser", "bridge")},
}
ACTS = {"mint": "minter", "pause": "pauser", "unpause": "pauser"}
"""Which role may do it, besides the admin."""
LAUNCH_PART = 60
"""Per cent of a block's gas that a launch with its grants may need."""
Rows = Callable[[str], Sequence[Row]]
"""The list of grants, which may not name the token itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A token as asked for; amounts in the smallest unit. `curve` with a list of grants puts them into vesting at once."""

    name: str
    symbol: str
    admin: str
    recipient: str
    cap: int
    supply: int
    features: tuple[str, ...]
    plain: bool
    salt: bytes
    curve: tuple[int, int, int, int, int] | None = None

    @property
    def bits(self) -> int:
        """As the factory counts features."""
        return sum(FEATURES[name] for name in self.features)

    def check(self) -> None:
        """Raises DeskError for what the factory would refuse less clearly."""
        if self.plain and (self.features or self.admin != ZERO_ADDRESS or self.cap not in (0, self.supply)):
            raise DeskError(
                "A plain token has no features, no admin and no other cap than its supply: leave them out."
            )
        roles = [name for name in self.features if name in WITH_ROLE]
        if roles and self.admin == ZERO_ADDRESS:
            raise DeskError(f"Somebody must give the role for {', '.join(roles)}: name --admin.")
        if self.cap and self.supply > self.cap:
            raise DeskError("The supply is above the cap: raise --cap or lower --supply.")


class Tokens:
    """The factory of a desk's registry, and what it made."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def create(self, wanted: Wanted, rows: Rows | None) -> None:
        """Make the token, unless the account has made just this one; with its vesting in the same transaction."""
        desk = self.desk
        wanted.check()
        template = self._view("latestTemplate", kind(b"plain" if wanted.plain else b"token"))
        if template == 0:
            raise DeskError("The factory has no template of this kind: governance has to register one.")
        if not self._view("canCreate", desk.me):
            raise DeskError(
                f"The factory lets only allowed accounts create, and {desk.me} is not one of them."
            )
        cap = wanted.supply if wanted.plain else wanted.cap
        config = (
            *(wanted.name, wanted.symbol, wanted.admin, wanted.recipient),
            *(cap, wanted.supply, template, wanted.bits),
        )
        address = str(self._view("predictToken", desk.me, config, wanted.salt))
        facts = TokenFacts(address, wanted.symbol, DECIMALS)
        grants = list(rows(address)) if rows else []
        fee, currency = self._view("fee"), desk.token(self._view("feeCurrency"))
        for line in self._lines(wanted, facts, grants, currency.tell(fee)):
            desk.say(line)
        if self._is_there(address, wanted):
            return
        if sum(row.amount for row in grants) > wanted.supply:
            raise DeskError("The list vests more than the supply: raise --supply or correct the list.")
        desk.agree()
        in_pol = currency.address == ZERO_ADDRESS
        if not in_pol and not desk.allow(currency, desk.known("TokenFactory").address, fee):
            desk.sending.foretell(f"create {wanted.symbol}")
            return
        turn = next_turn(desk)
        if self._is_there(address, wanted):
            return
        factory, pinned = desk.contract("TokenFactory"), {"value": fee if in_pol else 0, "nonce": turn.nonce}
        if wanted.curve is None:
            what, call = f"create {wanted.symbol}", factory.createToken
            given: tuple[Any, ...] = (config, wanted.salt, fee)
        else:
            plan = ((address, *wanted.curve), [(row.beneficiary, row.amount) for row in grants])
            what = f"launch {wanted.symbol} with {len(grants)} grants"
            call, given = factory.launch, (config, [plan], wanted.salt, fee)
            self._check_size(what, call, given, pinned["value"])
        receipt = desk.sending.send(what, call, *given, **pinned)
        if receipt is not None:
            reach(desk, receipt.block_number)
            self._is_there(address, wanted)

    def lines(self, address: str) -> Iterator[str]:
        """What a token is, and who may do what."""
        facts = self.desk.token(address)
        made = self._view("isInstance", address)
        yield f"token       {self._ask(address, 'name')} ({facts.symbol}), {address}"
        yield f"made        {'by this factory' if made else 'elsewhere: what its code does is not known'}"
        yield f"supply      {facts.tell(self._ask(address, 'totalSupply'))}"
        features = self._features(address)
        if features is None:
            yield "features    none: a plain token, or not one of ours"
            return
        cap = self._ask(address, "cap")
        yield f"cap         {facts.tell(cap) if cap else 'none'}"
        yield f"features    {', '.join(features) or 'none'}"
        if "pause" in features:
            yield f"paused      {'YES: nothing moves' if self._ask(address, 'paused') else 'no'}"
        for role in ROLES:
            holders = self._holders(address, role)
            if holders or role == "admin":
                yield f"{role:<12}{', '.join(map(self.desk.named, holders)) or 'nobody, for good'}"

    def act(self, address: str, act: str, *arguments: Any) -> None:
        """Mint, burn, pause or unpause, where the token has it and the account may."""
        desk = self.desk
        facts, features = desk.token(address), self._features(address) or ()
        feature = "pause" if act == "unpause" else act
        if feature not in features:
            raise DeskError(
                f"{facts.symbol} was made without {feature}; it has {', '.join(features) or 'no features'}."
            )
        role = ACTS.get(act)
        if role is not None and not any(self._has(address, one, desk.me) for one in ("admin", role)):
            able = list(dict.fromkeys(self._holders(address, "admin") + self._holders(address, role)))
            raise DeskError(
                f"{desk.me} may not {act} {facts.symbol}; who may: {', '.join(map(self.desk.named, able)) or 'nobody'}."
            )
        before = self._ask(address, "totalSupply")
        told = act if act in ("pause", "unpause") else f"{act} {facts.tell(arguments[-1])}"
        desk.say(f"supply      {facts.tell(before)}")
        desk.agree()
        turn = next_turn(desk)
        method = getattr(desk.contract("Token", address), act)
        receipt = desk.sending.send(f"{told} of {address}", method, *arguments, nonce=turn.nonce)
        if receipt is not None:
            reach(desk, receipt.block_number)
            desk.say(f"supply      {facts.tell(self._ask(address, 'totalSupply'))}")

    def _lines(self, wanted: Wanted, facts: TokenFacts, grants: Sequence[Row], fee: str) -> Iterator[str]:
        yield f"token       {wanted.name} ({wanted.symbol}), will be at {facts.address}"
        yield f"supply      {facts.tell(wanted.supply)}, to {wanted.recipient}"
        yield (
            f"cap         {facts.tell(wanted.cap) if wanted.cap else 'none'}"
            if not wanted.plain
            else "cap         its supply"
        )
        yield f"features    {', '.join(wanted.features) or 'none'}"
        yield f"admin       {wanted.admin if wanted.admin != ZERO_ADDRESS else 'nobody, for good'}"
        yield f"fee         {fee}"
        if wanted.curve is not None:
            total = facts.tell(sum(row.amount for row in grants))
            yield f"vesting     {total} of the supply, in {len(grants)} grants, in the same transaction"

    def _check_size(self, what: str, call: Any, given: tuple[Any, ...], value: int) -> None:
        sending = self.desk.sending
        needed, most = sending.gas_of(what, call, *given, value=value), sending.most_gas(LAUNCH_PART)
        if needed > most:
            raise DeskError(
                f"{what} needs {needed:,} gas, more than {most:,}, {LAUNCH_PART} % of a block. Create the token without "
                "--vest, then use `ape run vesting create` and `import`, which sends in batches."
            )

    def _is_there(self, address: str, wanted: Wanted) -> bool:
        """Says so. Raises DeskError where the vesting that is wanted was not made with it."""
        if not self._view("isInstance", address):
            return False
        if wanted.curve is not None and not self.desk.logs("TokenFactory", "TokenVested", address):
            raise DeskError(
                f"{address} is there, made without vesting. Use `ape run vesting create` and `import`, or --salt "
                "for another token."
            )
        self.desk.say(f"token       is there, at {address}")
        return True

    def _features(self, address: str) -> tuple[str, ...] | None:
        """None for a token that has none to tell."""
        try:
            bits = self._ask(address, "features")
        except (CannotTellError, ValueError):
            return None
        return tuple(name for name, bit in FEATURES.items() if bits & bit)

    def _holders(self, address: str, role: str) -> list[str]:
        """Who was ever given the role and has it now."""
        first, which = self.desk.known("TokenFactory").first_block, int.from_bytes(ROLES[role])
        logs = self.desk.logs("Token", "RoleGranted", which, first_block=first, at=address)
        accounts = dict.fromkeys(log.args["account"] for log in logs)
        return [account for account in accounts if self._has(address, role, account)]

    def _has(self, address: str, role: str, account: str) -> bool:
        return bool(self._ask(address, "hasRole", ROLES[role], account))

    def _ask(self, address: str, function: str, *arguments: Any) -> Any:
        return self.desk.view("Token", function, *arguments, at=address)

    def _view(self, function: str, *arguments: Any) -> Any:
        return self.desk.view("TokenFactory", function, *arguments)


__all__ = ["DECIMALS", "FEATURES", "Tokens", "Wanted"]
