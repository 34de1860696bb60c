"""Small parts alone: settings, key envelopes, provider answers, the schema's two descriptions, the beacon."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from backend.chain import refusal
from backend.contracts import Contracts
from backend.db import Base
from backend.hexes import to_hex
from backend.keeper.beacon import Beacon
from backend.migrate import migrate
from backend.sender.answers import Outcome, outcome_of
from backend.settings import SettingsError, load_settings
from backend.wallets.kms import FileKms, KmsError
from listener.chain.faults import PermanentError, TransientError
from listener.chain.registry import parse_registry
from tests.backend import stubs
from tests.support.postgres import PostgresForTests
from tests.support.processes import ROOT

CONTEXT = {"wallet": "w", "owner": "u", "version": "1"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A complete production environment."""
    key = tmp_path / "kms.key"
    key.write_text("11" * 32)
    for name, value in {
        "ENVIRONMENT": "production",
        "DATABASE_URL": "postgresql://x@/y",
        "RPC_URLS": "http://a, http://b",
        "REGISTRY": "r.json",
        "JWT_SECRET": "x" * 40,
        "KMS_FILE": str(key),
        "FILES_DIR": str(tmp_path / "files"),
        "PUBLIC_URL": "https://tombola.example",
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_settings__production_complete__starts(environment: pytest.MonkeyPatch) -> None:
    assert load_settings().rpc_urls == ("http://a", "http://b")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("JWT_SECRET", None, "JWT_SECRET is missing"),
        ("JWT_SECRET", "short", "shorter than 32"),
        ("KMS_FILE", "/nowhere", "KMS_FILE"),
        ("FILES_DIR", None, "FILES_DIR 'files' is relative"),
        ("FILES_DIR", "./files", "FILES_DIR"),
        ("PUBLIC_URL", None, "PUBLIC_URL"),
        ("PUBLIC_URL", "http://tombola.example", "PUBLIC_URL"),
        ("LOCAL_WALLET", "true", "LOCAL_WALLET"),
        ("WELCOME_GRANT_WEI", "5", "TREASURY_KEY_FILE"),
        ("DATABASE_URL", None, "DATABASE_URL"),
        ("RPC_URLS", None, "RPC_URLS"),
        ("RPC_URLS", " , ", "RPC_URLS"),
        ("PORT", "http", "PORT"),
        ("PASSWORD_MEMORY_KIB", "8192", "PASSWORD_MEMORY_KIB times PASSWORD_ROUNDS"),
    ],
)
def test_settings__missing_or_unsafe__refused_by_name(
    environment: pytest.MonkeyPatch, name: str, value: str | None, said: str
) -> None:
    if value is None:
        environment.delenv(name)
    else:
        environment.setenv(name, value)
    with pytest.raises(SettingsError, match=said) as refused:
        load_settings()
    assert "x" * 40 not in str(refused.value)


async def test_kms__round_trip_and_bound_to_its_owner(tmp_path: Path) -> None:
    kms = FileKms.load(tmp_path / "k", create=True)
    assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600
    sealed = await kms.seal(b"secret", CONTEXT)
    assert await kms.open(sealed, CONTEXT) == b"secret"
    for changed in ({"wallet": "x"}, {"owner": "x"}, {"version": "2"}):
        with pytest.raises(KmsError):
            await kms.open(sealed, {**CONTEXT, **changed})
    for position in range(len(sealed)):
        broken = sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :]
        with pytest.raises(KmsError):
            await kms.open(broken, CONTEXT)


def test_kms__file_others_can_read__refused(tmp_path: Path) -> None:
    path = tmp_path / "k"
    path.write_text("11" * 32)
    path.chmod(0o644)
    with pytest.raises(KmsError, match="chmod 600"):
        FileKms.load(path, create=False)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("0x12", Outcome.ACCEPTED),
        ("already known", Outcome.ACCEPTED),
        ("transaction already imported", Outcome.ACCEPTED),
        ("nonce too low", Outcome.RECONCILE),
        ("replacement transaction underpriced", Outcome.UNDERPRICED),
        ("max fee per gas less than block base fee", Outcome.UNDERPRICED),
        ("insufficient funds for gas * price + value", Outcome.NO_FUNDS),
        ("intrinsic gas too low", Outcome.INVALID),
        ("exceeds block gas limit", Outcome.INVALID),
        ("tx fee (1.50 ether) exceeds the configured cap (1.00 ether)", Outcome.CAPPED),
        ("nobody knows", Outcome.MAYBE_SENT),
    ],
)
def test_answers__known_words(answer: str, outcome: Outcome) -> None:
    assert outcome_of(answer if answer.startswith("0x") else PermanentError(answer)) is outcome


@given(st.text())
def test_answers__faults_never_mean_a_decision(words: str) -> None:
    assert outcome_of(TransientError(words)) is Outcome.MAYBE_SENT


def test_migrations__make_what_the_tables_say(postgres: PostgresForTests) -> None:
    database = postgres.create_database()
    migrate(database.backend)
    import psycopg

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(database.backend))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "version_table_schema": "app",
                "include_name": lambda name, kind, _parents: kind != "schema" or name == "app",
            },
        )
        differences = [
            one
            for one in compare_metadata(context, Base.metadata)
            if not (isinstance(one, tuple) and one[0] in ("remove_index", "add_index"))
        ]
    engine.dispose()
    postgres.drop_database(database.name)
    assert differences == []


async def test_beacon__real_round__decompressed_as_the_vector_says() -> None:
    (vector,) = json.loads((ROOT / "tests/vectors/drand.json").read_text())
    answers: dict[str, Any] = {
        str(vector["round"]): {"round": vector["round"], "signature": vector["signature_g1_compressed"]},
        "2": {"round": 3, "signature": vector["signature_g1_compressed"]},
        "4": {"round": 4, "signature": "zz"},
        "5": {"round": 5, "signature": "ff" * 48},
    }

    async def public(request: web.Request) -> web.Response:
        found = answers.get(request.match_info["round"])
        return web.json_response(found) if found else web.Response(status=404)

    app = web.Application()
    app.router.add_get("/hash/public/{round}", public)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with ClientSession() as session:
        beacon = Beacon(f"http://127.0.0.1:{port}/hash/", session)
        found = await beacon.signature(vector["round"])
        assert found == bytes.fromhex(vector["signature_g1_uncompressed"])
        assert [await beacon.signature(n) for n in (2, 4, 5, 6)] == [None] * 4
    await runner.cleanup()
    await asyncio.sleep(0)


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda b: stubs.NOT_OPEN[:4] + b)))
def test_explain__any_bytes__never_raises(data: bytes) -> None:
    contracts = Contracts(parse_registry(stubs.registry()))
    for one in (data, stubs.error_text(data), to_hex(data), to_hex(data)[:-1]):
        contracts.explain(one)
        _, sentence = refusal(contracts, PermanentError("refused", 3, one))
        assert sentence.isprintable()


@given(st.text(st.characters(), max_size=2_000), st.one_of(st.none(), st.text(), st.integers()))
def test_refusal__any_words_and_data__short_and_printable(words: str, data: object) -> None:
    contracts = Contracts(parse_registry(stubs.registry()))
    code, sentence = refusal(contracts, PermanentError(words, 3, {"data": data} if words else data))
    assert code
    assert sentence.isprintable()
    assert len(sentence) <= 500
