"""Runs one seed: plays its script against real listeners, then compares."""

import asyncio
import json
import signal
import traceback
from collections import deque
from pathlib import Path
from random import Random
from typing import Any

from tests.listener.differential.chain import Chain
from tests.listener.differential.compare import Database, differences, fresh_differences
from tests.listener.differential.habits import Habits
from tests.listener.differential.plan import (
    Behind,
    Blocks,
    Cut,
    Fork,
    Kill,
    Mine,
    Move,
    Plan,
    Restart,
    Rewrite,
    Second,
    Stale,
    Stall,
    Trouble,
    plan_of,
)  # fmt: skip
from tests.listener.differential.provider import Provider, Server
from tests.listener.differential.world import Contract, first_block, registry_of
from tests.support.fork_server import Child, ForkServer

PATIENCE = 60.0  # seconds for a whole seed
_INLINE = (Mine, Fork, Trouble, Stale, Behind, Rewrite)


class SeedError(Exception):
    """What went wrong with a seed, other than a difference."""


class Lane:
    """Where one seed at a time runs: paths of the server, files for registry and log."""

    def __init__(
        self, number: int, folder: Path, server: Server, forks: ForkServer, fresh_every: int
    ) -> None:
        self.number, self.server, self.forks = number, server, forks
        self._fresh_every = fresh_every
        self.registry, self.log = folder / f"registry-{number}.json", folder / f"log-{number}.txt"

    def url(self, number: int, provider: Provider) -> str:
        """Serve a provider of this lane."""
        path = f"/{self.number}/{number}"
        self.server.providers[path] = provider
        return self.server.url(path)

    def makes_fresh(self, seed: int) -> bool:
        """Whether a fresh mirror is made too; what the chain says is compared with always."""
        return seed % self._fresh_every == 0

    async def run(self, seed: int, database: Database) -> str:
        """Run a seed; what is wrong, or nothing."""
        self.log.write_text(f"seed {seed}\n")
        run = Run(self, plan_of(seed), database)
        try:
            async with asyncio.timeout(PATIENCE):
                found = await run.run()
            return f"{found}\n{self._end_of_log()}" if found else ""
        except TimeoutError:
            await run.dump()
            return f"it did not end within {PATIENCE:g} s: {run.state()}\n{self._end_of_log()}"
        except SeedError as error:
            return f"{error}\n{self._end_of_log()}"
        except Exception:  # a broken listener can break the run in any way; the other seeds go on
            return f"{traceback.format_exc()}\n{self._end_of_log()}"
        finally:
            await run.end_all()

    def _end_of_log(self) -> str:
        return "\n".join(line[:300] for line in self.log.read_text(errors="replace").splitlines()[-60:])


class Run:
    """One seed in a lane."""

    def __init__(self, lane: Lane, plan: Plan, database: Database) -> None:
        self.lane, self.plan, self.database = lane, plan, database
        self.chain = Chain(str(plan.seed), plan.depth, has_final_tag=plan.has_tag)
        self.chain.first = first_block(plan.start)
        self.chain.mine(plan.first)
        rng = Random(~plan.seed)
        self.providers = [Provider(self.chain, habits, rng, self.tick) for habits in plan.habits]
        self.moves = deque(plan.moves)
        self.countdown = self.moves[0][0] if self.moves else 0
        self.woken = asyncio.Event()  # the next move is not for `tick` to make
        self.waits = True
        self.children: list[Child] = []
        self.notices: list[asyncio.Task[None]] = []
        self.contracts: tuple[Contract, ...] = plan.start
        self.is_changed = plan.start != plan.world.contracts
        self.urls = [lane.url(number, provider) for number, provider in enumerate(self.providers)]
        if plan.habits[0].announces:
            self.urls.append(self.urls[0].replace("http:", "ws:"))

    def state(self) -> str:
        """Where it is, for a report."""
        return f"{len(self.moves)} moves left ({self.moves[0] if self.moves else ''!r:.200}), head {self.chain.head}"

    async def run(self) -> str:
        """Play, settle, compare; what differs."""
        database = self.database
        database.clear()
        self._start()
        self.waits = not self.moves
        await self._play()
        for provider in self.providers:
            provider.calm()
        least = max(
            self.chain.highest, 12, first_block(self.plan.start) + self.plan.depth if self.is_changed else 0
        )
        self._mine([[] for _ in range(least - self.chain.head)])
        self._mine(self.plan.last)
        if self.plan.ends_by_restart:
            await self.end_all()
            await self._finish(self._start_last(self.urls, "--until-block", str(self.chain.head)))
        else:
            await self._settle()
            for child in self.children:
                child.signal(signal.SIGTERM)
                await self._finish(child)
        first = first_block(self.plan.start)
        found = differences(database, self.chain, self.contracts, first, "mirror")
        if found or not self.lane.makes_fresh(self.plan.seed):
            return found
        database.put_aside()
        url = self.lane.url(len(self.urls), Provider(self.chain, Habits(), Random(0)))
        await self._finish(self._start_last([url], "--until-block", str(self.chain.head)))
        return fresh_differences(database, self.contracts, first)

    def tick(self) -> None:
        """A call is being answered: make the moves that are due."""
        if self.waits:
            return
        if self.countdown is not None:
            self.countdown -= 1
        while self.moves and (self.countdown is None or self.countdown <= 0):
            move = self.moves[0][1]
            if self.countdown is None or not isinstance(move, _INLINE):
                self.waits = True
                if isinstance(move, Kill) and move.delay is None and self.countdown is not None:
                    self.children[0].kill()
                self.woken.set()
                return
            self._inline(move)
            self._next()
        if not self.moves:
            self.waits = True
            self.woken.set()

    def _next(self) -> None:
        self.moves.popleft()
        if self.moves:
            self.countdown = self.moves[0][0]

    def _inline(self, move: Move) -> None:
        match move:
            case Mine(blocks):
                self._mine(blocks)
            case Fork(depth, blocks):
                self.chain.fork(depth, blocks)
                self._announce()
            case Rewrite(contracts):
                self.contracts = contracts
                self._write_registry()
            case Trouble(provider, faults):
                self.providers[provider].faults.extend(faults)
            case Behind(provider, blocks, calls):
                self.providers[provider].behind, self.providers[provider].patience = blocks, calls
            case Stale(provider, fork, calls):
                before = self.chain.blocks
                if self.chain.fork(fork.depth, fork.blocks):
                    self.providers[provider].stale, self.providers[provider].patience = before, calls
                self._announce()

    def _mine(self, blocks: Blocks) -> None:
        self.chain.mine(blocks)
        self._announce()

    def _announce(self) -> None:
        for provider in self.providers:
            if provider.sockets:
                self.notices.append(asyncio.create_task(provider.announce()))

    async def _play(self) -> None:
        while self.moves:
            await self._woken()
            if self.moves:
                after, move = self.moves[0]
                if after is None:
                    await self._reach_head()
                if isinstance(move, _INLINE):
                    self._inline(move)
                else:
                    await self._make(move)
                self._next()
                self.waits = not self.moves

    async def _woken(self) -> None:
        """Wait for `tick`; a listener that ends meanwhile is an error."""
        while not self.woken.is_set():
            waiting = asyncio.ensure_future(self.woken.wait())
            events: list[asyncio.Future[Any]] = [waiting, *(child.ended for child in self.children)]
            await asyncio.wait(events, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if not self.woken.is_set():
                self._check_alive()
        self.woken.clear()

    def _check_alive(self) -> None:
        for child in self.children:
            if not child.is_alive:
                raise SeedError(f"a listener ended by itself with {child.ended.result()}: {self.state()}")

    async def _make(self, move: Move) -> None:
        database = self.database
        match move:
            case Kill(delay, down):
                if delay is not None:
                    await asyncio.sleep(delay)
                await self._kill(down)
            case Stall(table, end):
                async with database.stalled(table):
                    if end == "kill":
                        self.children[0].kill()
                        await self.children[0].wait()
                    elif end == "cut":
                        database.cut()
                if end == "kill":
                    await self._kill(())
            case Cut(closed):
                await database.shut(closed)
            case Second():
                self.children.append(self._start_one(self.urls))
            case Restart(contracts, down):
                for child in self.children:
                    child.signal(signal.SIGTERM)
                    await self._finish(child)
                self.children.clear()
                self.contracts = contracts
                self._while_down(down)
                self._start()

    async def _kill(self, down: tuple[Mine | Fork, ...]) -> None:
        child = self.children.pop(0)
        child.kill()
        await child.wait()
        self._while_down(down)
        if not self.children:
            self._start()

    def _while_down(self, moves: tuple[Mine | Fork, ...]) -> None:
        for move in moves:
            self._inline(move)

    def _start(self) -> None:
        self.children.append(self._start_one(self.urls))

    def _start_one(self, urls: list[str], *more: str) -> Child:
        self._write_registry()
        arguments = ["run", "--registry", str(self.lane.registry), "--database-url", self.database.url]
        for url in urls:
            arguments += ["--rpc-url", url]
        arguments += [*self.plan.arguments, "--poll-interval", "0.015", *more]
        return self.lane.forks.start(arguments, self.lane.log)

    def _start_last(self, urls: list[str], *more: str) -> Child:
        """Start the only listener that runs from now on."""
        self.children = [self._start_one(urls, *more)]
        return self.children[0]

    def _write_registry(self) -> None:
        """Replace the file at once."""
        draft = self.lane.registry.with_suffix(".draft")
        draft.write_text(json.dumps(registry_of(self.contracts)))
        draft.replace(self.lane.registry)

    async def _finish(self, child: Child) -> None:
        code = await child.wait()
        if code not in (0, -signal.SIGTERM):  # the latter before it can react
            raise SeedError(f"a listener ended with {code}")

    async def _reach_head(self) -> None:
        """Wait until the mirror stands at the head of the chain."""
        while not self.database.has_head(self.chain):
            await asyncio.sleep(0.01)
            self._check_alive()

    async def _settle(self) -> None:
        """Wait until the mirror is complete and at the head."""
        while not self.database.is_at(self.chain, self.contracts):
            await asyncio.sleep(0.01)
            self._check_alive()

    async def dump(self) -> None:
        """Have what still runs write where it is."""
        for child in self.children:
            child.signal(signal.SIGUSR1)
        await asyncio.sleep(0.2)

    async def end_all(self) -> None:
        """Kill what still runs."""
        for child in self.children:
            child.kill()
            await child.wait()
        self.children.clear()
