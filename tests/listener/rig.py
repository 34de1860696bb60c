"""Running the real listener against a chain and a database, and what the mirror should hold."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import psycopg
from eth_abi.abi import decode
from eth_hash.auto import keccak

from listener.options import parse_options
from listener.service import run
from tests.listener.abis import CREATED, FACTORY, NAMED, PICKED, RAFFLE, REGISTRY, TRANSFER, signature
from tests.listener.fake_chain import FakeChain
from tests.support.processes import Process

TABLES = {
    (RAFFLE, NAMED["name"]): "raffle_named",
    (RAFFLE, PICKED["name"]): "raffle_picked",
    (FACTORY, CREATED["name"]): "token_factory_token_created",
}


class Rig:
    """A registry file, a database and one or more listener processes."""

    def __init__(self, folder: Path, database_url: str, registry: dict[str, Any] = REGISTRY) -> None:
        self.database_url = database_url
        self.registry = folder / "registry.json"
        self.write(registry)

    def write(self, registry: dict[str, Any]) -> None:
        """Replace the registry file at once, as `ape run deploy` does."""
        draft = self.registry.with_suffix(".tmp")
        draft.write_text(json.dumps(registry))
        draft.replace(self.registry)

    def listener(self, *urls: str, arguments: tuple[str, ...] = (), **environment: str) -> Process:
        """Start `listener run` over these providers."""
        return self.command(
            "run", "--poll-interval", "0.05", *arguments, RPC_URLS=",".join(urls), **environment
        )

    def command(self, *arguments: str, **environment: str) -> Process:
        clean = {"REGISTRY": str(self.registry), "DATABASE_URL": self.database_url, **environment}
        return Process([sys.executable, "-m", "listener", *arguments], env={**os.environ, **clean})

    def mirror_until(
        self, block: int, *urls: str, arguments: tuple[str, ...] = (), timeout: float = 30.0
    ) -> None:
        """Run the listener, in this process to save its start, until `block` is committed."""
        given = ("run", "--until-block", str(block), "--poll-interval", "0.05", *arguments)
        settings = {
            "REGISTRY": str(self.registry),
            "DATABASE_URL": self.database_url,
            "RPC_URLS": ",".join(urls),
        }

        async def bounded() -> None:
            async with asyncio.timeout(timeout):
                await run(parse_options(given, settings))

        asyncio.run(bounded())

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url) as db:
            return db.execute(statement.encode(), values).fetchall()

    def cursor(self) -> int:
        """The last block mirrored; -2 before there is a mirror."""
        rows = self._standing("block_number")
        return rows[0][0] if rows else -2

    def is_past(self, block: int) -> bool:
        return self.cursor() >= block

    def stands_at(self, block_hash: bytes) -> bool:
        return self._standing("block_hash") == [(block_hash,)]

    def _standing(self, column: str) -> list[tuple[Any, ...]]:
        try:
            return self.query(f"SELECT {column} FROM mirror.cursor")
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return []

    def drop_tables(self) -> None:
        """Take the mirror away, as `listener rebuild` does."""
        with psycopg.connect(self.database_url) as db:
            names = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'mirror'").fetchall()
            for (name,) in names:
                db.execute(f"DROP TABLE mirror.{name} CASCADE".encode())

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """All event tables, in order."""
        names = [name for (name,) in self.query("SELECT DISTINCT table_name FROM mirror.source ORDER BY 1")]
        return {n: self.query(f"SELECT * FROM mirror.{n} ORDER BY block_number, log_index") for n in names}


def expected_keys(chain: FakeChain) -> dict[str, list[tuple[Any, ...]]]:
    """(block, hash, log index) of each event in each table of REGISTRY, straight from the chain's blocks."""
    names = {"0x" + keccak(signature(e).encode()).hex(): e for e in (NAMED, PICKED, CREATED, TRANSFER)}
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in (*TABLES.values(), "token_transfer")}
    tokens: set[str] = set()
    for block in chain.blocks:
        for entry in block.logs:
            if entry["address"] == FACTORY and entry["topics"][0] in names:
                tokens.add("0x" + decode(["address"], bytes.fromhex(entry["topics"][1][2:]))[0][2:])
        for entry in block.logs:
            known = names.get(entry["topics"][0])
            if known is None:
                continue
            key = (block.number, bytes.fromhex(block.hash[2:]), int(entry["logIndex"], 16))
            table = TABLES.get((entry["address"], known["name"]))
            if entry["address"] in tokens and known is TRANSFER:
                table = "token_transfer"
            if table:
                found[table].append(key)
    return found


def actual_keys(rig: Rig) -> dict[str, list[tuple[Any, ...]]]:
    """The same from the mirror."""
    return {table: [(row[0], row[1], row[3]) for row in rows] for table, rows in rig.rows().items()}
