"""From what people have to statements on chain, and back: the real contract on a chain, the real sender, the routes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from asgi_lifespan import LifespanManager
from eth_abi.abi import encode
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.__main__ import main
from backend.app import create_app
from backend.audit.service import record
from backend.backing import publish as publishing
from backend.backing import topics
from backend.backing.publish import is_due, publish
from backend.hexes import address_bytes, to_hex
from backend.ledger import service as ledger
from backend.services import Services, import_platform_wallets
from backend.settings import Settings
from listener.chain.abi import compile_decoder
from scripts.verify_backing import check_holders, check_proofs
from tests.backend import stubs
from tests.backend.reads.contest_kit import Person, sign_up
from tests.backend.reads.facts import ChainOfFacts, event, registry_document
from tests.backend.reads.stories import token_created
from tests.backend.world import World, make_settings
from tests.support.anvil import Anvil, dev_account
from tools.export_abi import COMPILED
from tools.run.postgres import DatabaseUris

POL = 10**18
KEEPER, DEPLOYER = dev_account(7), dev_account(0)
TOKEN = bytes.fromhex(stubs.TOKEN[2:])
ACTOR = "admin:tests"


@pytest.fixture(scope="module")
def chain() -> Iterator[Anvil]:
    """A block for each transaction, so that the states of past blocks stay: a node keeps so many."""
    with Anvil() as anvil:
        yield anvil


@pytest.fixture
def attestations(chain: Anvil) -> str:
    """The real contract; the keeper publishes."""
    compiled = json.loads(COMPILED.read_text())["contractTypes"]["Attestations"]
    code = compiled["deploymentBytecode"]["bytecode"]
    words = encode(["address", "address"], [DEPLOYER.address, KEEPER.address]).hex()
    sent = chain.call("eth_sendTransaction", {"from": DEPLOYER.address, "data": code + words})
    chain.mine(2)
    return str(chain.call("eth_getTransactionReceipt", sent)["contractAddress"])


@pytest.fixture
def settings(database: DatabaseUris, chain: Anvil, tmp_path: Path, attestations: str) -> Settings:
    registry = registry_document()
    registry["contracts"]["Attestations"]["address"] = attestations
    key_file = tmp_path / "keeper.key"
    key_file.write_text(KEEPER.private_key)
    key_file.chmod(0o600)
    return make_settings(database.backend, [chain.url], tmp_path, registry=registry, keeper_key_file=key_file)


@pytest.fixture
async def app(settings: Settings, chain: Anvil) -> AsyncIterator[FastAPI]:
    stubs.install(chain)
    made = create_app(settings)
    async with LifespanManager(made):
        await import_platform_wallets(made.state.services)
        yield made


class Stage:
    """People with money, the mirror, and who publishes."""

    def __init__(self, app: FastAPI, chain: Anvil, facts: ChainOfFacts) -> None:
        self.app, self.chain, self.facts = app, chain, facts
        self.services: Services = app.state.services
        self.world = World(self.services, chain)

    async def person(self, name: str, pol: int = 0, tokens: int = 0, credited: int = 0) -> Person:
        one = await sign_up(self.app, name)
        self.chain.call("anvil_setBalance", one.wallet, hex(pol))
        if credited:
            await self._credit(one, credited)
        if tokens:
            moved = {"from": bytes(20), "to": address_bytes(one.wallet), "value": tokens, "_at": TOKEN}
            self.facts.block(event("Token", "Transfer", **moved), number=self.height())
        return one

    async def _credit(self, one: Person, amount: int) -> None:
        async with AsyncSession(self.services.engine) as db, db.begin():
            query = text("SELECT user_id FROM app.wallet WHERE address = :address")
            user = await db.scalar(query, {"address": address_bytes(one.wallet)})
            account = await ledger.user_account(db, user)
            issuance = await ledger.system_account(db, "issuance")
            sides = {"debit": issuance, "credit": account, "amount": amount}
            await ledger.transfer(db, key=f"grant:{user}", **sides, purpose="grant", actor=ACTOR)

    def height(self) -> int:
        """A block above what the mirror has."""
        self.chain.mine()
        return max(int(self.chain.rpc.block_number), self.facts.head + 1)

    def final(self) -> int:
        """The mirror reaches a block that is final, with its state still there."""
        self.chain.mine(4)
        block = self.height()
        return self.facts.block(number=block, final=block - 3)

    async def publish(self) -> int:
        """State, send, and mirror what came of it."""
        self.final()
        block = await publish(self.services)
        assert block is not None
        query = text("SELECT intent_id FROM app.backing_snapshot WHERE block_number = :block")
        async with AsyncSession(self.services.engine) as db:
            intent = await db.scalar(query, {"block": block})
        mining = asyncio.create_task(self._mine())
        async with self.world.sender():
            await self.world.reaches(intent, "confirmed")
        mining.cancel()
        self.mirror(block)
        return block

    async def _mine(self) -> None:
        """What was sent becomes final by the blocks after it."""
        while True:
            await asyncio.sleep(0.2)
            self.chain.mine()

    def mirror(self, snapshot: int) -> None:
        """The logs of the contract about a snapshot, as the listener would write them."""
        contract = self.services.contracts.registry.contract("Attestations")
        (kind,) = [one for one in contract.events if one.name == "Attested"]
        wanted = [to_hex(kind.topic0), None, f"0x{snapshot:064x}"]
        query = {"address": contract.address, "fromBlock": "0x0", "toBlock": "latest", "topics": wanted}
        found: dict[int, list[Any]] = {}
        for log in self.chain.call("eth_getLogs", query):
            values = compile_decoder(kind)(log["topics"], log["data"])
            said = dict(zip((one.name for one in kind.arguments), values, strict=True))
            at = address_bytes(contract.address)
            found.setdefault(int(log["blockNumber"], 16), []).append(
                event("Attestations", "Attested", **said, _at=at)
            )
        for block in sorted(found):
            self.facts.block(*found[block], number=block, final=block)

    def ask(self, method: str, params: list[Any]) -> Any:
        return self.chain.call(method, *params)


@pytest.fixture
async def stage(
    app: FastAPI, chain: Anvil, database: DatabaseUris, settings: Settings
) -> AsyncIterator[Stage]:
    facts = ChainOfFacts(database.listener, registry=json.loads(settings.registry.read_text()))
    facts.block(token_created(TOKEN, "MEAD"), number=max(1, int(chain.rpc.block_number)))
    yield Stage(app, chain, facts)
    facts.close()


def failures(findings: Any) -> list[str]:
    return [check for holds, check, _ in findings if holds is False]


async def test_story__people_have_money__all_of_it_is_stated_proved_and_checked(stage: Stage) -> None:
    """The whole way, checked by the script on the chain itself."""
    ana = await stage.person("ana", pol=5 * POL, tokens=700, credited=90)
    ben = await stage.person("ben", pol=2 * POL, credited=10)
    await stage.person("zoe")
    stage.chain.call("anvil_setCode", stubs.TOKEN, stubs.answers(encode(["uint256"], [700])))
    block = await stage.publish()

    shown_ = (await ana.http.get("/api/v1/backing")).json()
    told = {one["symbol"] or one["kind"]: one for one in shown_["statements"]}
    assert shown_["final"] is True
    assert list(told) == ["POL", "MEAD", "CREDIT", "audit"]
    assert {name: (one["total"], one["reserve"]) for name, one in told.items() if name != "audit"} == {
        "POL": (str(7 * POL), str(7 * POL)),
        "MEAD": ("700", "700"),
        "CREDIT": ("100", None),
    }
    assert {one["snapshot_block"] for one in told.values()} == {block}

    proofs = (await ana.http.get("/api/v1/backing/mine")).json()
    assert [(one["symbol"], one["amount"]) for one in proofs["proofs"]] == [
        ("POL", str(5 * POL)),
        ("MEAD", "700"),
        ("CREDIT", "90"),
    ]
    assert failures(check_proofs(stage.ask, proofs, proofs["contract"])) == []
    less = (await ben.http.get("/api/v1/backing/mine")).json()
    assert [one["symbol"] for one in less["nothing_owed"]] == ["MEAD"]
    assert failures(check_proofs(stage.ask, less, None)) == []
    assert failures(check_proofs(stage.ask, {**less, "account": proofs["account"]}, None)) != []

    path = f"/api/v1/backing/statements/{block}"
    wallets = (await ana.http.get(f"{path}/{told['POL']['topic']}/holders")).json()
    assert set(wallets["addresses"]) == {ana.wallet, ben.wallet}
    contract = address_bytes(shown_["contract"])
    assert failures(check_holders(stage.ask, wallets, contract)) == []
    assert (await ana.http.get(f"{path}/{told['CREDIT']['topic']}/holders")).status_code == 404

    again = await stage.publish()
    listed = (await ana.http.get("/api/v1/backing/statements", params={"topic": told["POL"]["topic"]})).json()
    assert [one["snapshot_block"] for one in listed["items"]] == [again, block]
    assert listed["items"][0]["previous"] == listed["items"][1]["published_block"]
    old = (await ana.http.get("/api/v1/backing/mine", params={"snapshot_block": block})).json()
    assert old == proofs
    assert failures(check_holders(stage.ask, wallets, contract)) == []  # of the older one, by the walk back
    await ana.http.aclose()
    await ben.http.aclose()


async def test_publish__wallets_have_less_than_is_owed__states_it_all_the_same(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mirror says 700, the token 400: a theft, or a token that lies."""
    ana = await stage.person("ana", tokens=700)
    stage.chain.call("anvil_setCode", stubs.TOKEN, stubs.answers(encode(["uint256"], [400])))
    block = await stage.publish()
    assert "backing_short" in capsys.readouterr().out
    (told,) = [
        one for one in (await ana.http.get("/api/v1/backing")).json()["statements"] if one["symbol"] == "MEAD"
    ]
    assert (told["total"], told["reserve"]) == ("700", "400")
    path = f"/api/v1/backing/statements/{block}/{told['topic']}/holders"
    wallets = (await ana.http.get(path)).json()
    contract = address_bytes(stage.services.contracts.address("Attestations"))
    name = f"token {stubs.TOKEN}"
    assert failures(check_holders(stage.ask, wallets, contract)) == [f"{name}: reserves"]
    await ana.http.aclose()


async def test_publish__moved_after_the_snapshot__is_told_as_it_was(stage: Stage) -> None:
    """What the mirror has above the final block does not count yet."""
    ana = await stage.person("ana", tokens=700)
    block = stage.final()
    moved = {"from": address_bytes(ana.wallet), "to": b"\x09" * 20, "value": 300, "_at": TOKEN}
    stage.facts.block(event("Token", "Transfer", **moved), number=stage.height(), final=block - 3)
    assert await publish(stage.services) == block - 3
    async with stage.services.engine.connect() as db:
        query = text("SELECT total FROM app.backing_statement WHERE topic = :topic")
        assert await db.scalar(query, {"topic": topics.backing(TOKEN)}) == 700
    await ana.http.aclose()


async def test_publish__nothing_to_say_or_nobody_to_say_it__states_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.final()
    assert await publish(stage.services) is None  # nobody is owed anything
    ana = await stage.person("ana", pol=POL)
    assert (await ana.http.get("/api/v1/backing/mine")).status_code == 404
    stage.final()
    assert await is_due(stage.services)
    assert await publish(stage.services) is not None
    assert not await is_due(stage.services)
    assert await publish(stage.services) is None  # no newer block is final
    stage.final()
    assert await publish(stage.services) is None  # the first is still on its way
    assert (await ana.http.get("/api/v1/backing")).json()["statements"] == []
    assert (await ana.http.get("/api/v1/backing/mine")).status_code == 404  # nothing is on chain yet
    async with stage.services.engine.begin() as db:
        await db.execute(
            text("UPDATE app.wallet SET address = :other WHERE role = 'keeper'"), {"other": b"\x05" * 20}
        )
    stage.final()
    assert await publish(stage.services) is None  # somebody else is the publisher
    monkeypatch.setattr(publishing, "CONTRACT", "Missing")
    assert await publish(stage.services) is None
    assert not await is_due(stage.services)
    await ana.http.aclose()


async def test_audit_verify__the_log_is_written_anew__differs_from_the_head_on_chain(
    stage: Stage, settings: Settings, database: DatabaseUris, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:

    monkeypatch.setattr("backend.__main__.load_settings", lambda: settings)
    verify = ["audit", "verify"]
    assert await asyncio.to_thread(main, verify) == 0
    assert "Not compared with the chain: no head was published yet." in capsys.readouterr().out
    async with AsyncSession(stage.services.engine) as db, db.begin():
        await record(db, ACTOR, "thing.do", "thing:1", {"amount": "1"})
    await stage.person("ana", pol=POL)
    await stage.publish()
    assert await asyncio.to_thread(main, verify) == 0
    assert "matches." in capsys.readouterr().out
    connection = await asyncpg.connect(database.superuser)
    try:  # who can write everything writes all of the chain anew: it is sound in itself
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("UPDATE app.audit_event SET subject = 'thing:2' WHERE subject = 'thing:1'")
        await connection.execute(
            "INSERT INTO app.audit_pending SELECT source, row_id FROM app.audit_link ORDER BY position"
        )
        await connection.execute("DELETE FROM app.audit_link")
    finally:
        await connection.close()
    assert await asyncio.to_thread(main, verify) == 1
    said = capsys.readouterr().out
    assert "DIFFERS." in said
    assert "the link noted earlier was" in said
