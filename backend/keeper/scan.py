"""What is due: reads contract views and says which calls would move a raffle or contest on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from backend.contracts import Contracts
from backend.hexes import from_hex, to_hex
from listener.chain.faults import RpcError, UnavailableError
from listener.chain.rpc import Call, RpcPool

PATIENCE = 5.0
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


# Fields of IRandomness.Draw and IRaffle.Info in the order of the interfaces.
ROUND, REVEAL_AT, REFUNDS_OPENED = 1, 3, 12


@dataclass(frozen=True)
class Push:
    """A call anyone may make now."""

    contract: str
    function: str
    subject: int
    arguments: tuple[Any, ...]

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
    _seen: dict[str, int] = field(default_factory=lambda: {"Raffle": 0, "Contest": 0})

    async def due(self) -> list[Push]:
        """Everything that can be pushed at the latest block. Raises RpcError."""
        now = await self._block_time()
        pushes: list[Push] = []
        for name, judge in (("Raffle", self._raffle), ("Contest", self._contest)):
            if name in self.contracts.registry.contracts:
                for subject, state in await self._states(name):
                    push = await judge(subject, state, now)
                    if push is not None:
                        pushes.append(push)
        return pushes

    async def _raffle(self, raffle: int, state: int, now: int) -> Push | None:
        match RaffleState(state):
            case RaffleState.CLOSED:
                return Push("Raffle", "requestDraw", raffle, (raffle,))
            case RaffleState.DRAWING:
                push = await self._finalise("Raffle", raffle, now)
                if push is None and now >= (await self._views("Raffle", "refundDueAt", [raffle]))[0]:
                    return Push("Raffle", "openRefunds", raffle, (raffle,))
                return push
            case RaffleState.REFUNDING:
                (info,) = await self._views("Raffle", "infoOf", [raffle])
                if not info[REFUNDS_OPENED]:
                    return Push("Raffle", "openRefunds", raffle, (raffle,))
                self._open["Raffle"].discard(raffle)
            case RaffleState.DRAWN:
                self._open["Raffle"].discard(raffle)
            case RaffleState.OPEN | RaffleState.NONE:
                pass
        return None

    async def _contest(self, contest: int, state: int, now: int) -> Push | None:
        if state == ContestState.DRAWING:
            return await self._finalise("Contest", contest, now)
        if state == ContestState.DRAWN:
            self._open["Contest"].discard(contest)
        return None

    async def _finalise(self, name: str, subject: int, now: int) -> Push | None:
        (draw,) = await self._views(name, "drawOf", [subject])
        if now <= draw[REVEAL_AT]:
            return None
        signature = await self.signature(draw[ROUND])
        return None if signature is None else Push(name, "finalise", subject, (subject, signature))

    async def _states(self, name: str) -> list[tuple[int, int]]:
        """State of each one that is not over.

        Ids count from 1; an id that is no longer known was reorged away.
        """
        data = self.contracts.encode(name, f"{name.lower()}Count")
        (count,) = self.contracts.decode(name, f"{name.lower()}Count", (await self._ask(name, [data]))[0])
        going = self._open[name]
        if count < self._seen[name]:
            going -= {one for one in going if one > count}
        going |= set(range(self._seen[name] + 1, count + 1))
        self._seen[name] = count
        subjects = sorted(going)
        return list(zip(subjects, await self._views(name, "stateOf", subjects), strict=True))

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

    async def _block_time(self) -> int:
        block = await self.rpc.call("eth_getBlockByNumber", ["latest", False], patience=PATIENCE)
        if not block:
            raise UnavailableError("the node has no latest block")
        return int(block["timestamp"], 16)
