"""The keeper over a pretended chain: what it pushes, when, and that it does not push twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from eth_abi.abi import encode
from prometheus_client import REGISTRY as METRICS
from sqlalchemy import text

from backend.contracts import Contracts
from backend.keeper import process, scan
from backend.keeper.process import Keeper
from backend.keeper.scan import ContestState, RaffleState, Scanner
from backend.process import TURN_SECONDS
from backend.services import Services, import_platform_wallets, open_services
from backend.settings import Settings
from listener.chain.encode import find_function, selector_of
from listener.chain.faults import PermanentError
from listener.chain.registry import Registry, parse_registry
from listener.chain.rpc import RpcPool
from listener.pulse import Pulse
from tests.backend import stubs
from tests.support.anvil import dev_account

SIGNATURE = b"\7" * 96
DRAW = [
    "address",
    "uint64",
    "uint64",
    "uint64",
    "uint64",
    "uint256",
    "bytes32",
    "uint64",
    "uint32",
    "bytes32",
]
INFO = [kind for _, kind in stubs.INFO]


def _view(name: str, kind: str, output: Any) -> dict[str, Any]:
    return {
        "type": "function",
        "name": name,
        "inputs": [{"name": "", "type": kind}] if kind else [],
        "outputs": output,
    }


def _abi(count: str) -> list[dict[str, Any]]:
    plain = [{"name": "", "type": "uint256"}]
    tuple_of = lambda kinds: [  # noqa: E731
        {
            "name": "",
            "type": "tuple",
            "components": [{"name": f"f{n}", "type": k} for n, k in enumerate(kinds)],
        }
    ]
    return [
        _view(count, "", plain),
        _view("stateOf", "uint256", [{"name": "", "type": "uint8"}]),
        _view("refundDueAt", "uint256", [{"name": "", "type": "uint64"}]),
        _view("drawOf", "uint256", tuple_of(DRAW)),
        _view("infoOf", "uint256", tuple_of(INFO)),
        _view("requestDraw", "uint256", []),
        _view("openRefunds", "uint256", []),
        {
            "type": "function",
            "name": "finalise",
            "inputs": [{"name": "", "type": "uint256"}, {"name": "", "type": "bytes"}],
            "outputs": [],
        },
    ]


REGISTRY: dict[str, Any] = {
    "chain_id": 31337,
    "contracts": {
        "Raffle": {"address": stubs.RAFFLE, "first_block": 0, "abi": _abi("raffleCount")},
        "Contest": {"address": stubs.TOKEN, "first_block": 0, "abi": _abi("contestCount")},
    },
}


@dataclass
class PretendedChain:
    """Answers the keeper's views at block time `now`. Draws reveal at 100, refunds are due at 1,000."""

    registry: Registry
    now: int = 50
    raffles: list[RaffleState] = field(default_factory=list)
    contests: list[ContestState] = field(default_factory=list)
    refunds_opened: bool = False
    closes_at: int = 0
    final_raffles: list[RaffleState] | None = None
    broken: set[int] = field(default_factory=set)
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def call(self, _method: str, _params: Sequence[Any], **_options: Any) -> Any:
        return {"timestamp": hex(self.now), "number": "0x64"}

    async def batch(self, calls: Sequence[Any], **_options: Any) -> list[Any]:
        return [self._maybe(*call.params) for call in calls]

    def _maybe(self, call: dict[str, str], block: str) -> Any:
        answer = self._answer(call, block)
        if self.asked[-1][0] != "raffleCount" and self.asked[-1][1] in self.broken:
            return PermanentError("execution reverted", 3)
        return "0x" + answer.hex()

    def _answer(self, call: dict[str, str], block: str) -> bytes:
        is_raffle = call["to"] == stubs.RAFFLE
        states: Sequence[int] = self.raffles if is_raffle else self.contests
        if is_raffle and block != "latest" and self.final_raffles is not None:
            states = self.final_raffles
        data = bytes.fromhex(call["data"][2:])
        name = next(
            entry["name"]
            for entry in _abi("raffleCount" if is_raffle else "contestCount")
            if selector_of(entry) == data[:4]
        )
        subject = int.from_bytes(data[4:36], "big")
        self.asked.append((name, subject))
        match name:
            case "stateOf":
                return encode(["uint8"], [states[subject - 1]])
            case "refundDueAt":
                return encode(["uint64"], [1_000])
            case "drawOf":
                draw = [stubs.ZERO, 42, 40, 100, 90, 0, b"\0" * 32, 1, 1, b"\0" * 32]
                return encode([f"({','.join(DRAW)})"], [draw])
            case "infoOf":
                info = [
                    stubs.ZERO,
                    stubs.ZERO,
                    0,
                    0,
                    self.closes_at,
                    *[0] * 7,
                    self.refunds_opened,
                    False,
                    b"\0" * 32,
                    stubs.ZERO,
                    0,
                    *[b"\0" * 32] * 2,
                ]
                return encode([f"({','.join(INFO)})"], [info])
        return encode(["uint256"], [len(states)])


@pytest.fixture
def chain_of_raffles() -> PretendedChain:
    return PretendedChain(parse_registry(REGISTRY))


def scanner(chain: PretendedChain, published: bool = True) -> Scanner:
    async def signature(drand_round: int) -> bytes | None:
        assert drand_round == 42
        return SIGNATURE if published else None

    return Scanner(cast(RpcPool, chain), Contracts(chain.registry), signature)


async def due(chain: PretendedChain, published: bool = True) -> list[tuple[str, int]]:
    return [(push.kind, push.subject) for push in await scanner(chain, published).due()]


async def test_raffles__each_state_gets_what_it_needs(chain_of_raffles: PretendedChain) -> None:
    chain_of_raffles.raffles = [
        RaffleState.OPEN,
        RaffleState.CLOSED,
        RaffleState.DRAWN,
        RaffleState.REFUNDING,
    ]
    assert await due(chain_of_raffles) == [
        ("keeper_raffle_request_draw", 2),
        ("keeper_raffle_open_refunds", 4),
    ]
    chain_of_raffles.refunds_opened = True
    assert await due(chain_of_raffles) == [("keeper_raffle_request_draw", 2)]


@pytest.mark.parametrize(
    ("now", "published", "expected"),
    [
        (100, True, []),
        (101, True, [("keeper_raffle_finalise", 1)]),
        (101, False, []),
        (1_000, True, [("keeper_raffle_finalise", 1)]),
        (1_000, False, [("keeper_raffle_open_refunds", 1)]),
    ],
)
async def test_drawing__finalise_after_reveal_refunds_after_the_deadline(
    chain_of_raffles: PretendedChain, now: int, published: bool, expected: list[tuple[str, int]]
) -> None:
    chain_of_raffles.raffles = [RaffleState.DRAWING]
    chain_of_raffles.now = now
    assert await due(chain_of_raffles, published) == expected


async def test_contest__finalise_after_reveal(chain_of_raffles: PretendedChain) -> None:
    chain_of_raffles.contests = [ContestState.DRAWN, ContestState.DRAWING]
    chain_of_raffles.now = 101
    assert await due(chain_of_raffles) == [("keeper_contest_finalise", 2)]


async def test_drawn__asked_again_until_it_is_final(chain_of_raffles: PretendedChain) -> None:
    looker = scanner(chain_of_raffles)
    chain_of_raffles.raffles = [RaffleState.DRAWN]
    chain_of_raffles.final_raffles = [RaffleState.CLOSED]
    assert await looker.due() == []
    chain_of_raffles.raffles = [RaffleState.CLOSED]
    assert [push.function for push in await looker.due()] == ["requestDraw"]
    chain_of_raffles.raffles = chain_of_raffles.final_raffles = [RaffleState.DRAWN]
    await looker.due()
    chain_of_raffles.asked.clear()
    await looker.due()
    assert ("stateOf", 1) not in chain_of_raffles.asked


async def test_one_raffle_cannot_be_read__others_pushed(chain_of_raffles: PretendedChain) -> None:
    chain_of_raffles.raffles = [RaffleState.CLOSED, RaffleState.CLOSED]
    chain_of_raffles.broken = {1}
    assert await due(chain_of_raffles) == [("keeper_raffle_request_draw", 2)]


async def test_many_still_selling__asked_in_turns_and_all_after_the_close(
    chain_of_raffles: PretendedChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "OPEN_PER_LOOK", 2)
    looker = scanner(chain_of_raffles)
    chain_of_raffles.raffles = [RaffleState.OPEN] * 5
    chain_of_raffles.closes_at = 500
    turns = []
    for _ in range(4):
        chain_of_raffles.asked.clear()
        await looker.due()
        turns.append([subject for name, subject in chain_of_raffles.asked if name == "stateOf"])
    assert turns == [[1, 2, 3, 4, 5], [1, 2], [3, 4], [1, 5]]
    chain_of_raffles.now = 500
    chain_of_raffles.raffles = [RaffleState.CLOSED] * 5
    assert len(await looker.due()) == 5


async def test_drand_away__a_look_at_many_contests_is_long_and_not_late(
    chain_of_raffles: PretendedChain,
) -> None:
    clock, seen = [0.0], []
    pulse = Pulse(lambda: clock[0])

    async def silence(_round: int) -> None:
        clock[0] += 5.0
        seen.append(pulse.late())

    chain_of_raffles.contests = [ContestState.DRAWING] * 100
    chain_of_raffles.now = 101
    looker = Scanner(cast(RpcPool, chain_of_raffles), Contracts(chain_of_raffles.registry), silence)
    with pulse.loop("keeper", TURN_SECONDS):
        assert await looker.due() == []
        assert seen == [[]] * 100
        clock[0] += TURN_SECONDS
        assert pulse.late() == ["keeper"]


@pytest.fixture
async def services(settings: Settings, tmp_path: Path) -> AsyncIterator[Services]:
    """Services with a keeper wallet."""
    key_file = tmp_path / "keeper.key"
    key_file.write_text(dev_account(8).private_key)
    key_file.chmod(0o600)
    async with open_services(settings.model_copy(update={"keeper_key_file": key_file}), "tests") as opened:
        await import_platform_wallets(opened)
        await import_platform_wallets(opened)
        yield opened


async def test_look__one_open_intent_and_again_later_when_it_did_not_help(
    services: Services, chain_of_raffles: PretendedChain
) -> None:
    chain_of_raffles.raffles = [RaffleState.DRAWING]
    chain_of_raffles.now = 101
    services.contracts = Contracts(chain_of_raffles.registry)
    clock = [0.0]
    keeper = Keeper(services, scanner(chain_of_raffles), clock=lambda: clock[0])
    other = Keeper(services, scanner(chain_of_raffles), clock=lambda: clock[0])
    for one in (keeper, other, keeper):
        await one.look()
    assert await _intents(services) == [("keeper_raffle_finalise", "created")]
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.intent SET state = 'rejected'"))
    await keeper.look()
    assert len(await _intents(services)) == 1
    clock[0] = 3.0
    await keeper.look()
    assert len(await _intents(services)) == 2
    assert METRICS.get_sample_value("tombola_keeper_late_seconds") == 3.0
    assert METRICS.get_sample_value("tombola_keeper_due", {"kind": "keeper_raffle_finalise"}) == 1
    chain_of_raffles.now = 100
    await keeper.look()
    assert METRICS.get_sample_value("tombola_keeper_late_seconds") == 0
    assert METRICS.get_sample_value("tombola_keeper_due", {"kind": "keeper_raffle_finalise"}) == 0
    async with services.engine.connect() as db:
        (call,) = await db.scalar(text("SELECT calls FROM app.intent LIMIT 1"))
    finalise = find_function(REGISTRY["contracts"]["Raffle"]["abi"], "finalise")
    assert call["data"].startswith("0x" + selector_of(finalise).hex())
    assert SIGNATURE.hex() in call["data"]


async def test_finalise_refused_after_the_deadline__refunds_opened(
    services: Services, chain_of_raffles: PretendedChain
) -> None:
    chain_of_raffles.raffles = [RaffleState.DRAWING]
    chain_of_raffles.now = 1_000
    services.contracts = Contracts(chain_of_raffles.registry)
    keeper = Keeper(services, scanner(chain_of_raffles), clock=lambda: 0.0)
    await keeper.look()
    await keeper.look()
    assert await _intents(services) == [("keeper_raffle_finalise", "created")]
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.intent SET state = 'rejected'"))
    await keeper.look()
    assert [kind for kind, _ in await _intents(services)] == [
        "keeper_raffle_finalise",
        "keeper_raffle_open_refunds",
    ]


async def test_very_much_due__bounded_pushes_in_one_look(
    services: Services, chain_of_raffles: PretendedChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "MOST_PUSHES", 2)
    chain_of_raffles.raffles = [RaffleState.CLOSED] * 3
    services.contracts = Contracts(chain_of_raffles.registry)
    keeper = Keeper(services, scanner(chain_of_raffles), clock=lambda: 0.0)
    await keeper.look()
    assert len(await _intents(services)) == 2
    await keeper.look()
    assert len(await _intents(services)) == 3


async def _intents(services: Services) -> list[tuple[str, str]]:
    async with services.engine.connect() as db:
        rows = await db.execute(text("SELECT kind, state FROM app.intent ORDER BY seq"))
        return [(row.kind, row.state) for row in rows]
