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

from sqlalchemy import text

from backend.errors import AppError
from backend.intents.service import Call, Spending
from backend.process import DATABASE_TROUBLE
from tests.backend import stubs
from tests.backend.oracle import all_terminal, assert_nothing_lost_or_doubled
from tests.backend.world import POL, Person, World, fresh_address, make_settings, open_world
from tests.chaos.forked import sender_arguments
from tests.chaos.node import KINDS, Faults, GethProxy, Pool
from tests.chaos.plan import Death, Scene, Wish
from tests.support.anvil import Anvil
from tests.support.fork_server import Child, ForkServer
from tests.support.postgres import PostgresForTests
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

GWEI = 10**9
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
        await self.world.transfer(victim)
        self.outcome.happened[self.scene.fault] += 1

    async def calm(self) -> None:
        """No more faults."""
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
        except DATABASE_TROUBLE:
            await asyncio.sleep(0.1)
    return await action()


async def play(scene: Scene, postgres: PostgresForTests, template: str, forks: ForkServer) -> Outcome:
    """Run a seed to its end; never raises but for the harness's own end."""
    began = time.monotonic()
    database = await asyncio.to_thread(postgres.clone_database, template)
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
    settings = make_settings(database.backend, [chain.url], folder, **SENDER)
    world = await stack.enter_async_context(open_world(settings, chain))
    stage = Stage(scene, world, chain, proxies)
    for _ in range(scene.wallets):
        stage.people.append(await persist(world.person))
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
    await persist(lambda: _count(stage))


async def _lives(hand: Hand, deaths: tuple[Death, ...]) -> None:
    for death in deaths:
        await hand.die(death)


async def _ended(world: World, last: Child) -> bool:
    if not last.is_alive:
        raise AssertionError("the last sender ended by itself")
    try:
        return await all_terminal(world.services.engine)
    except DATABASE_TROUBLE:
        return False


async def _count(stage: Stage) -> None:
    async with stage.world.services.engine.connect() as db:
        rows = await db.execute(text("SELECT state, count(*) AS count FROM app.intent GROUP BY state"))
        stage.outcome.ends = Counter({row.state: row.count for row in rows})
        stage.outcome.attempts = int(await db.scalar(text("SELECT count(*) FROM app.attempt")) or 0)
        frozen = await db.scalar(text("SELECT count(*) FROM app.wallet WHERE frozen_reason LIKE 'FOREIGN%'"))
    wanted = 1 if stage.scene.fault == "foreign transaction" else 0
    assert frozen == wanted, f"{frozen} wallets frozen where {wanted} should be"
