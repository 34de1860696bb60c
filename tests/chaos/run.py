"""Playing a seed: people wish, senders die, providers lie, the chain forks; then all is well again, and the oracle asks."""

from __future__ import annotations

import asyncio
import signal
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import text

from backend.errors import AppError
from backend.hexes import checksum
from backend.intents.service import Call, Spending
from backend.intents.tables import TERMINAL
from backend.policies import service as policies
from backend.process import DATABASE_TROUBLE
from backend.services import import_platform_wallets
from tests.backend import stubs
from tests.backend.oracle import (
    all_terminal,
    all_watched,
    assert_calls_counted,
    assert_nothing_lost_or_doubled,
    assert_wallets_are_explained,
)
from tests.backend.world import POL, Person, World, fresh_address, make_settings, open_world
from tests.chaos.forked import sender_arguments
from tests.chaos.node import KINDS, Faults, GethProxy, Pool
from tests.chaos.plan import PAUPERS, Death, Scene, Wish
from tests.support.anvil import Anvil, dev_account
from tests.support.fork_server import Child, ForkServer
from tests.support.postgres import PostgresForTests
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

GWEI = 10**9
RICH, LITTLE = 100 * POL, POL // 100
TREASURY = dev_account(7)
TOP_UPS: dict[str, Any] = {"top_up_wallet_daily_wei": POL, "top_up_daily_wei": 100 * POL}
OPERATOR = "support:1"
CAP = 100 * GWEI
BLOCK_SECONDS = 0.15
EPOCH = 4  # a block is final when eight are above it
DEEPEST = 5  # blocks a reorganisation takes away
STARTING, REACHING = 8.0, 4.0  # seconds until a sender is at work, and at the boundary where it dies
_numbers = count(1)
PATIENCE = 90.0  # seconds until everything has an end once the faults stopped
SENDER: dict[str, Any] = {
    "sender_poll_seconds": 0.05,
    "sender_lease_seconds": 0.4,
    "resend_after_seconds": 0.3,
    "bump_after_seconds": 0.8,
    "wallet_pause_seconds": 0.2,
    "rpc_timeout_seconds": 1.0,
    "max_fee_per_gas_wei": CAP,
}


@dataclass
class Outcome:
    """What a seed came to. `problem` is empty when the oracle was content."""

    seed: int
    fault: str
    problem: str = ""
    happened: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    seconds: float = 0.0


class Stage:
    """Everything one seed runs on."""

    def __init__(self, scene: Scene, world: World, chain: Anvil, proxies: list[GethProxy]) -> None:
        self.scene, self.world, self.chain, self.proxies = scene, world, chain, proxies
        self.rng = Random(scene.seed ^ 0x5EED)
        self.faults = Faults(self.rng)
        self.outcome = Outcome(scene.seed, scene.fault, happened=self.faults.happened)
        self.people: list[Person] = []
        self.paupers: list[Person] = []
        self.funds: dict[UUID, int] = {}  # by wallet, wei

    async def populate(self) -> None:
        """People with money, people with little of it, and a treasury that has paid before."""
        world = self.world
        await import_platform_wallets(world.services)
        async with world.services.engine.begin() as db:
            treasury = await db.scalar(
                text(
                    "UPDATE app.wallet SET first_nonce = 0, next_nonce = 0 WHERE role = 'treasury' RETURNING id"
                )
            )
        self.funds[treasury] = int(await self._call("eth_getBalance", TREASURY.address, "latest"), 16)
        for _ in range(self.scene.wallets):
            self.people.append(await world.person(RICH))
        for _ in range(PAUPERS):
            self.paupers.append(await world.person(LITTLE))
        self.funds |= {one.wallet_id: RICH for one in self.people}
        self.funds |= {one.wallet_id: LITTLE for one in self.paupers}
        await self._call("anvil_setCode", stubs.FICKLE, stubs.fickle())

    async def wishes(self, until: asyncio.Event) -> None:
        """Ask for one thing after another."""
        async with asyncio.TaskGroup() as group:
            for wish in self.scene.wishes:
                with suppress(TimeoutError):
                    await asyncio.wait_for(until.wait(), wish.gap)
                    return
                intent = await persist(partial(self._ask, wish))
                if wish.cancel_after is not None:
                    group.create_task(self._withdraw(wish, intent))

    async def _ask(self, wish: Wish) -> UUID:
        person = self.people[wish.wallet]
        match wish.kind:
            case "transfer":
                return await self.world.transfer(person, POL // 100 + self.rng.randrange(POL // 100))
            case "too much":
                return await self.world.transfer(person, 10_000 * POL)
            case "refused":
                return await self.world.intend(person, "claim_prize", {}, [Call(stubs.REFUSER, b"\1\2\3\4")])
            case "group":
                calls = [Call(stubs.TOKEN, b"\1\2\3\4"), Call(stubs.RAFFLE, b"\1\2\3\4")]
                return await self.world.intend(person, "buy_tickets", {}, calls, [Spending(stubs.TOKEN, 7)])
            case "fickle":
                return await self.world.intend(
                    person, "claim_prize", {}, [Call(stubs.FICKLE)], [Spending(None, 7)]
                )
            case "all it has":
                return await self.world.transfer(self.rng.choice(self.paupers), LITTLE)

    async def _withdraw(self, wish: Wish, intent: UUID) -> None:
        await asyncio.sleep(wish.cancel_after or 0.0)
        with suppress(AppError):  # too late
            await persist(lambda: self.world.cancel(self.people[wish.wallet], intent))
            self.outcome.happened["cancelled by its owner"] += 1

    async def chain_fault(self) -> None:
        """Trouble with the chain itself, until cancelled."""
        rng, happened = self.rng, self.outcome.happened
        while True:
            match self.scene.fault:
                case "reorganisation":
                    await asyncio.sleep(rng.uniform(0.3, 0.8))
                    await self._call("anvil_reorg", rng.randint(1, DEEPEST), [])
                case "mempool flushed":
                    await asyncio.sleep(rng.uniform(0.1, 0.4))
                    await self._call("anvil_dropAllTransactions")
                case "fees spike above the cap":
                    await asyncio.sleep(rng.uniform(0.3, 0.8))
                    await self._call("anvil_setNextBlockBaseFeePerGas", hex(rng.choice([CAP // 2, 2 * CAP])))
                case "foreign transaction":
                    await self._use_somebodys_nonce()
                    await asyncio.sleep(3600)
                case "frozen by an operator":
                    await asyncio.sleep(rng.uniform(0.2, 0.6))
                    victim = rng.choice(self.people).wallet_id
                    await persist(lambda victim=victim: self._freeze(victim))
                    await asyncio.sleep(rng.uniform(0.3, 0.9))
                    await persist(self._unfreeze)
                case _:
                    return
            happened[self.scene.fault] += 1

    async def _call(self, method: str, *params: Any) -> Any:
        return await asyncio.to_thread(self.chain.call, method, *params)

    async def _use_somebodys_nonce(self) -> None:
        """Somebody else has the key of one wallet, and uses its first nonce."""
        victim = await self.world.person()
        await self._call("anvil_impersonateAccount", victim.address)
        foreign = {"from": victim.address, "to": fresh_address(), "value": "0x1", "nonce": "0x0"}
        await self._call("eth_sendTransaction", foreign)
        for _ in range(3):
            await persist(lambda: self.world.transfer(victim))
        self.outcome.happened[self.scene.fault] += 1

    async def _freeze(self, wallet_id: UUID) -> None:
        async with self.world.services.engine.begin() as db:
            await policies.freeze(db, wallet_id, "reported stolen", OPERATOR)

    async def _unfreeze(self) -> None:
        """Whatever the operator froze."""
        async with self.world.services.engine.begin() as db:
            query = text("SELECT wallet_id FROM app.freeze WHERE lifted_at IS NULL AND actor = :actor")
            for wallet_id in list(await db.scalars(query, {"actor": OPERATOR})):
                await policies.unfreeze(db, wallet_id, "owner called", OPERATOR, is_admin=False)

    async def calm(self) -> None:
        """No more faults."""
        await persist(self._unfreeze)
        for proxy in self.proxies:
            proxy.faults = {}
        if self.scene.fault == "fees spike above the cap":
            await self._call("anvil_setNextBlockBaseFeePerGas", hex(GWEI))


class Hand:
    """Keeps one sender running, and has it die as the scene says."""

    def __init__(self, forks: ForkServer, settings: dict[str, Any], log: Path, outcome: Outcome) -> None:
        self.forks, self.settings, self.log, self.outcome = forks, settings, log, outcome

    async def die(self, death: Death) -> None:
        """One life."""
        boundary = death.boundary
        at_work = self.log.with_name(f"at-work-{next(_numbers)}")
        told: dict[str, Any] = {"at_work": str(at_work)}
        if boundary is not None:
            told |= {"place": boundary[0], "when": boundary[1], "crossing": death.crossing}
        child = self.forks.start(sender_arguments(self.settings, told), self.log)
        with suppress(TimeoutError):
            await wait_until_async(lambda: _is_begun(child, at_work), STARTING, interval=0.01)
        if death.frozen and child.is_alive:
            await asyncio.sleep(death.after / 2)
            child.signal(signal.SIGSTOP)
            await asyncio.sleep(death.frozen)
            child.signal(signal.SIGCONT)
            self.outcome.deaths["SIGSTOP beyond the lease, then on"] += 1
        try:
            code = await asyncio.wait_for(child.wait(), death.after if boundary is None else REACHING)
        except TimeoutError:
            await end(child)
            self.outcome.deaths["SIGKILL at any moment"] += 1
            return
        if code != -signal.SIGKILL or boundary is None:
            raise AssertionError(f"a sender ended by itself with {code}")
        place, when = boundary
        self.outcome.deaths[
            f"SIGKILL {when} the {'sending' if place == 'send' else f'commit of {place}'}"
        ] += 1

    async def live(self) -> Child:
        """A sender that nobody kills."""
        return self.forks.start(sender_arguments(self.settings), self.log)


async def _is_begun(child: Child, at_work: Path) -> bool:
    return not child.is_alive or at_work.exists()  # noqa: ASYNC240 - a file in memory


async def end(child: Child) -> None:
    """SIGKILL, and wait for it."""
    child.kill()
    await child.wait()


async def persist(action: Callable[[], Awaitable[Any]]) -> Any:
    """Try again while the database restarts."""
    for _ in range(100):
        try:
            return await action()
        except (*DATABASE_TROUBLE, psycopg.Error):
            await asyncio.sleep(0.1)
    return await action()


async def play(scene: Scene, postgres: PostgresForTests, template: str, forks: ForkServer) -> Outcome:
    """Run a seed to its end; never raises but for the harness's own end."""
    began = time.monotonic()
    database = await persist(lambda: asyncio.to_thread(postgres.clone_database, template))
    with TemporaryDirectory(prefix="tombola-chaos-") as name:
        folder = Path(name)
        outcome = Outcome(scene.seed, scene.fault)
        try:
            async with AsyncExitStack() as stack:
                stage = await _set(scene, database, folder, stack)
                outcome = stage.outcome
                await _act(stage, forks, folder)
        except Exception:
            log = folder / "sender.log"
            tail = log.read_text(errors="replace")[-4000:] if log.exists() else ""
            outcome.problem = f"{traceback.format_exc()}\nThe senders wrote:\n{tail}"
        outcome.seconds = time.monotonic() - began
    with suppress(Exception):
        await asyncio.to_thread(postgres.drop_database, database.name)
    return outcome


async def _set(scene: Scene, database: DatabaseUris, folder: Path, stack: AsyncExitStack) -> Stage:
    chain = await asyncio.to_thread(Anvil, block_time=BLOCK_SECONDS, slots_in_an_epoch=EPOCH)
    stack.callback(chain.process.kill)
    await asyncio.to_thread(chain.mine, 3 * EPOCH)
    pool = Pool()
    proxies = [await stack.enter_async_context(GethProxy(chain.url, pool)) for _ in range(scene.providers)]
    key_file = folder / "treasury.key"
    key_file.touch(mode=0o600)
    key_file.write_text(TREASURY.private_key)
    settings = make_settings(
        database.backend, [chain.url], folder, treasury_key_file=key_file, **TOP_UPS, **SENDER
    )
    world = await stack.enter_async_context(open_world(settings, chain))
    stage = Stage(scene, world, chain, proxies)
    await persist(stage.populate)
    await asyncio.to_thread(chain.mine, 2 * DEEPEST)  # no reorganisation takes their money away
    return stage


async def _act(stage: Stage, forks: ForkServer, folder: Path) -> None:
    scene, world = stage.scene, stage.world
    told = world.services.settings.model_dump(mode="json", exclude={"jwt_secret"})
    told["rpc_urls"] = [proxy.url for proxy in stage.proxies]
    hands = [Hand(forks, told, folder / "sender.log", stage.outcome) for _ in scene.deaths]
    for liar in stage.proxies[: scene.liars]:
        if scene.fault in KINDS:
            stage.faults.install(scene.fault, liar)
    trouble = asyncio.create_task(stage.chain_fault())
    enough = asyncio.Event()
    wishing = asyncio.create_task(stage.wishes(enough))
    async with asyncio.TaskGroup() as group:
        for hand, deaths in zip(hands, scene.deaths, strict=True):
            group.create_task(_lives(hand, deaths))
    enough.set()
    await wishing
    trouble.cancel()
    with suppress(asyncio.CancelledError):
        await trouble
    await stage.calm()
    last = await hands[0].live()
    try:
        await wait_until_async(
            lambda: _ended(world, last), PATIENCE, interval=0.1, what="an end of every intent"
        )
    finally:
        await end(last)
    await persist(lambda: assert_nothing_lost_or_doubled(world.services.engine, stage.chain))
    await persist(lambda: assert_wallets_are_explained(world.services.engine, stage.chain, stage.funds))
    await persist(lambda: assert_calls_counted(world.services.engine, stage.chain, stubs.FICKLE))
    await persist(lambda: _count(stage))


async def _lives(hand: Hand, deaths: tuple[Death, ...]) -> None:
    for death in deaths:
        await hand.die(death)


async def _ended(world: World, last: Child) -> bool:
    if not last.is_alive:
        raise AssertionError("the last sender ended by itself")
    try:
        engine = world.services.engine
        return await all_terminal(engine) and await all_watched(engine, world.anvil)
    except DATABASE_TROUBLE:
        return False


ENDS = """
    SELECT i.state, i.kind, w.address, w.frozen_at IS NOT NULL AS frozen, min(s.nonce) AS nonce
    FROM app.intent i JOIN app.wallet w ON w.id = i.wallet_id
    LEFT JOIN app.slot s ON s.intent_id = i.id AND s.state <> 'final'
    GROUP BY i.id, w.id
"""


def _end(row: Any, chain: Anvil) -> str:
    """What became of an intent. Those of a frozen wallet may be left: why?"""
    if row.state in TERMINAL:
        return f"{row.state} (top-up)" if row.kind == "top_up" else str(row.state)
    assert row.frozen, f"an intent is left {row.state}"
    if row.nonce is None:
        return "left: its wallet was frozen before it was signed"
    used = int(chain.call("eth_getTransactionCount", checksum(row.address), "latest"), 16)
    if row.nonce < used:
        return "left: its nonce was used by somebody else"
    return "left: its wallet was frozen before a node had it"


async def _count(stage: Stage) -> None:
    async with stage.world.services.engine.connect() as db:
        stage.outcome.ends = Counter([_end(row, stage.chain) for row in (await db.execute(text(ENDS))).all()])
        stage.outcome.attempts = int(await db.scalar(text("SELECT count(*) FROM app.attempt")) or 0)
        frozen = await db.scalar(text("SELECT count(*) FROM app.wallet WHERE frozen_reason LIKE 'FOREIGN%'"))
    wanted = 1 if stage.scene.fault == "foreign transaction" else 0
    assert frozen == wanted, f"{frozen} wallets frozen where {wanted} should be"
