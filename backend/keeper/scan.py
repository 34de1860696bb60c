"""What is due: reads contract views and says which calls would move a raffle or contest on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

import structlog

from backend.contracts import Contracts
from backend.hexes import from_hex, to_hex
from listener.chain.faults import PermanentError, RpcError, UnavailableError
from listener.chain.rpc import Call, RpcPool
from listener.chain.settings import chain_settings
from listener.pulse import goes_on

log = structlog.get_logger(__name__)

PATIENCE = 5.0
OPEN_PER_LOOK = 100  # raffles that are still selling asked in one look: one may sell out before its close
Signature = Callable[[int], Awaitable[bytes | None]]


class RaffleState(IntEnum):
    """IRaffle.State."""

    NONE = 0
    OPEN = 1
    CLOSED = 2
    DRAWING = 3
    DRAWN = 4
    REFUNDING = 5


class ContestState(IntEnum):
    """IContest.State."""

    NONE = 0
    DRAWING = 1
    DRAWN = 2
    EXPIRED = 3


# Fields of IRandomness.Draw and IRaffle.Info in the order of the interfaces.
ROUND, REVEAL_AT, CLOSES_AT, REFUNDS_OPENED = 1, 3, 4, 12


@dataclass(frozen=True)
class Push:
    """A call anyone may make now."""

    contract: str
    function: str
    subject: int
    arguments: tuple[Any, ...]
    otherwise: Push | None = None  # what to do instead when this one was refused last time

    @property
    def kind(self) -> str:
        """Kind of the intent, such as keeper_raffle_finalise."""
        words = "".join("_" + c.lower() if c.isupper() else c for c in self.function)
        return f"keeper_{self.contract.lower()}_{words}"

    @property
    def key(self) -> str:
        """At most one open intent has it."""
        return f"{self.kind}:{self.subject}"


@dataclass
class Scanner:
    """Remembers which raffles and contests are over, so that each look costs only what is still going on."""

    rpc: RpcPool
    contracts: Contracts
    signature: Signature
    _open: dict[str, set[int]] = field(default_factory=lambda: {"Raffle": set(), "Contest": set()})
    _closes: dict[int, int] = field(default_factory=dict)
    _asked: dict[int, int] = field(default_factory=dict)
    _looks: int = 0
    _seen: dict[str, int] = field(default_factory=lambda: {"Raffle": 0, "Contest": 0})

    async def due(self) -> list[Push]:
        """Everything that can be pushed at the latest block. Raises RpcError."""
        head, now = await self._latest()
        self._looks += 1
        pushes: list[Push] = []
        for name, judge in (("Raffle", self._raffle), ("Contest", self._contest)):
            if name in self.contracts.registry.contracts:
                over: list[int] = []
                for subject, state in await self._states(name, now):
                    goes_on()
                    try:
                        push = await judge(subject, state, now)
                    except Exception as error:  # one that cannot be judged must not stop the others
                        log.error("not_judged", contract=name, subject=subject, error=str(error)[:300])
                        continue
                    if push is not None:
                        pushes.append(push)
                    elif _is_over(name, state):
                        over.append(subject)
                if over:
                    await self._forget(name, over, head)
        return pushes

    async def _raffle(self, raffle: int, state: int, now: int) -> Push | None:
        match RaffleState(state):
            case RaffleState.CLOSED:
                return await self._unless_due(Push("Raffle", "requestDraw", raffle, (raffle,)), raffle, now)
            case RaffleState.DRAWING:
                return await self._unless_due(await self._finalise("Raffle", raffle, now), raffle, now)
            case RaffleState.REFUNDING:
                (info,) = await self._views("Raffle", "infoOf", [raffle])
                if not info[REFUNDS_OPENED]:
                    return Push("Raffle", "openRefunds", raffle, (raffle,))
            case RaffleState.OPEN:
                if raffle not in self._closes:
                    (info,) = await self._views("Raffle", "infoOf", [raffle])
                    self._closes[raffle] = info[CLOSES_AT]
            case RaffleState.DRAWN | RaffleState.NONE:
                pass
        return None

    async def _unless_due(self, push: Push | None, raffle: int, now: int) -> Push | None:
        """After the refund deadline refunds are opened when there is no push, or it was refused."""
        if now < (await self._views("Raffle", "refundDueAt", [raffle]))[0]:
            return push
        refunds = Push("Raffle", "openRefunds", raffle, (raffle,))
        return refunds if push is None else replace(push, otherwise=refunds)

    async def _contest(self, contest: int, state: int, now: int) -> Push | None:
        if state == ContestState.DRAWING:
            return await self._finalise("Contest", contest, now)
        return None

    async def _forget(self, name: str, subjects: Sequence[int], head: int) -> None:
        """Stop asking about those that are over at the finalized block: a reorg may undo what is newer."""
        try:
            block = await self.rpc.call("eth_getBlockByNumber", ["finalized", False], patience=PATIENCE)
            final = int(block["number"], 16) if block else -1
        except PermanentError:
            final = head - chain_settings(self.contracts.chain_id).finality_depth
        if final < 0:
            return
        states = await self._each(name, "stateOf", subjects, hex(final))
        ended = [one for one, state in zip(subjects, states, strict=True) if _is_over(name, state)]
        refunding = [
            one
            for one, state in zip(subjects, states, strict=True)
            if name == "Raffle" and state == RaffleState.REFUNDING
        ]
        infos = await self._each(name, "infoOf", refunding, hex(final))
        waiting = {
            one
            for one, info in zip(refunding, infos, strict=True)
            if info is None or not info[REFUNDS_OPENED]
        }
        self._open[name] -= set(ended) - waiting

    async def _finalise(self, name: str, subject: int, now: int) -> Push | None:
        (draw,) = await self._views(name, "drawOf", [subject])
        if now <= draw[REVEAL_AT]:
            return None
        signature = await self.signature(draw[ROUND])
        return None if signature is None else Push(name, "finalise", subject, (subject, signature))

    async def _states(self, name: str, now: int) -> list[tuple[int, int]]:
        """State of each one that is not over and may have changed.

        Ids count from 1; an id that is no longer known was reorged away.
        """
        data = self.contracts.encode(name, f"{name.lower()}Count")
        (count,) = self.contracts.decode(name, f"{name.lower()}Count", (await self._ask(name, [data]))[0])
        going = self._open[name]
        if count < self._seen[name]:
            going -= {one for one in going if one > count}
            self._closes.clear()
        going |= set(range(self._seen[name] + 1, count + 1))
        self._seen[name] = count
        subjects = sorted(going)
        if name == "Raffle":
            subjects = self._worth_asking(subjects, now)
        states = await self._each(name, "stateOf", subjects)
        return [(one, state) for one, state in zip(subjects, states, strict=True) if state is not None]

    def _worth_asking(self, raffles: Sequence[int], now: int) -> list[int]:
        """Those that do not sell any more, and some of those that do: the ones not asked for longest."""
        selling = [one for one in raffles if now < self._closes.get(one, 0)]
        selling.sort(key=lambda one: self._asked.get(one, 0))
        for one in selling[:OPEN_PER_LOOK]:
            self._asked[one] = self._looks
        return sorted(set(raffles) - set(selling[OPEN_PER_LOOK:]))

    async def _each(
        self, name: str, function: str, subjects: Sequence[int], block: str = "latest"
    ) -> list[Any]:
        """As `_views`, with None for each one that cannot be asked or read."""
        target = self.contracts.address(name)
        datas = [self.contracts.encode(name, function, [one]) for one in subjects]
        calls = [Call("eth_call", [{"to": target, "data": to_hex(data)}, block]) for data in datas]
        answers = await self.rpc.batch(calls, patience=PATIENCE) if calls else []
        values: list[Any] = []
        for subject, answer in zip(subjects, answers, strict=True):
            try:
                if isinstance(answer, RpcError):
                    raise answer
                values.append(self.contracts.decode(name, function, from_hex(answer))[0])
            except Exception as error:
                log.warning(
                    "view_failed", contract=name, view=function, subject=subject, error=str(error)[:300]
                )
                values.append(None)
        return values

    async def _views(self, name: str, function: str, subjects: Sequence[int]) -> list[Any]:
        """The single result of a view for each subject."""
        answers = await self._ask(name, [self.contracts.encode(name, function, [one]) for one in subjects])
        return [self.contracts.decode(name, function, answer)[0] for answer in answers]

    async def _ask(self, name: str, datas: Sequence[bytes]) -> list[bytes]:
        if not datas:
            return []
        target = self.contracts.address(name)
        calls = [Call("eth_call", [{"to": target, "data": to_hex(data)}, "latest"]) for data in datas]
        answers = await self.rpc.batch(calls, patience=PATIENCE)
        for answer in answers:
            if isinstance(answer, RpcError):
                raise answer
            if answer == "0x":
                raise UnavailableError(f"no contract {name} answers at {target}")
        return [from_hex(answer) for answer in answers]

    async def _latest(self) -> tuple[int, int]:
        """Number and time of the latest block."""
        block = await self.rpc.call("eth_getBlockByNumber", ["latest", False], patience=PATIENCE)
        if not block:
            raise UnavailableError("the node has no latest block")
        return int(block["number"], 16), int(block["timestamp"], 16)


def _is_over(name: str, state: int | None) -> bool:
    """Whether nothing is left to push, except refunds that are not open yet."""
    over = (
        (RaffleState.DRAWN, RaffleState.REFUNDING)
        if name == "Raffle"
        else (ContestState.DRAWN, ContestState.EXPIRED)
    )
    return state in over
