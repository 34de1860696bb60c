"""The database of the reads' benchmark: generated facts in the real listener's tables, made by Postgres itself.

1,000,000 entries in one raffle and 10,000 raffles, 1,000,000 transfers of 1,000 tokens, 10,000 grants, 1,000
proposals with 100,000 votes, 10,000 contests, over a year of blocks. Then the listener's own upkeep makes indexes
and sums, as it does at the head.
"""

import time
from hashlib import sha256

import psycopg

from benchmarks.reads_facts import BLOCK_SECONDS, FINAL, HEAD, NOW, PEOPLE, START, facts
from listener.chain.registry import parse_registry
from listener.mirror.schema import EventTable, tables_of
from listener.mirror.sources import sources_of
from listener.mirror.store import Store
from tests.backend.reads.facts import CHAIN_ID, registry_document

_FUNCTIONS = f"""
CREATE FUNCTION pg_temp.at(block bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE
    RETURN to_timestamp({START} + block * {BLOCK_SECONDS});
CREATE FUNCTION pg_temp.hash(word text) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN sha256(word::bytea);
CREATE FUNCTION pg_temp.who(number bigint) RETURNS bytea LANGUAGE sql IMMUTABLE
    RETURN substr(sha256(('who' || number)::bytea), 1, 20);
CREATE FUNCTION pg_temp.token(number bigint) RETURNS bytea LANGUAGE sql IMMUTABLE
    RETURN substr(sha256(('token' || number)::bytea), 1, 20);
CREATE TEMP TABLE person AS SELECT number, pg_temp.who(number) AS address FROM generate_series(0, {PEOPLE - 1}) number;
CREATE INDEX ON person (number) INCLUDE (address);
ANALYZE person;
"""


def who(number: int) -> bytes:
    """Address of a person; 0 is the busiest one, organisers are the numbers below ORGANISERS."""
    return _hash(f"who{number}")


def token(number: int) -> bytes:
    """Address of a token, from 1."""
    return _hash(f"token{number}")


def key_of_contest(number: int) -> bytes:
    """Contest key, from 1."""
    return sha256(f"key{number}".encode()).digest()


def _hash(word: str) -> bytes:
    return sha256(word.encode()).digest()[:20]


def build(database_url: str) -> dict[str, float]:
    """Fill an empty database of role `listener`; seconds that facts, indexes and sums took."""
    registry = parse_registry(registry_document())
    tables = {table.name: table for table in tables_of(registry)}
    store = Store(database_url, CHAIN_ID)
    store.connect()
    try:
        store.prepare(list(tables.values()), sources_of(registry, list(tables.values())), 1)
        db = store.connection
        started = time.perf_counter()
        db.execute("SET synchronous_commit = off")
        db.execute(_FUNCTIONS.encode())
        for table, select in facts():
            _insert(db, tables[table], select)
        db.execute(
            "UPDATE mirror.cursor SET block_number = %s, block_hash = '\\x01', block_time = to_timestamp(%s),"
            " head_number = %s, finalized_number = %s",
            (HEAD, NOW, HEAD, FINAL),
        )
        db.execute("INSERT INTO mirror.block VALUES (%s, '\\x01', '\\x00', to_timestamp(%s))", (HEAD, NOW))
        filled = time.perf_counter()
        steps = []
        while True:
            before = time.perf_counter()
            if not store.tend():
                break
            steps.append(time.perf_counter() - before)
        tended = time.perf_counter()
        db.execute("VACUUM ANALYZE")
        return {
            "facts": filled - started,
            "indexes and sums": tended - filled,
            "longest piece of them": max(steps),
            "vacuum": time.perf_counter() - tended,
        }
    finally:
        store.close()


def _insert(db: psycopg.Connection[tuple[object, ...]], table: EventTable, select: str) -> None:
    """A SELECT's columns are named; what is not in it (hashes, the contract's address) follows from the row."""
    columns = [column.name for column in table.columns]
    ours = "decode('0000000000000000000000000000000000000001', 'hex')"
    where = "f.address" if table.contract == "Token" else ours
    db.execute(
        f"INSERT INTO mirror.{table.name} SELECT f.block_number, sha256(int8send(f.block_number)),"
        f" pg_temp.at(f.block_number), f.log_index, sha256(int8send(f.block_number::bigint * 100000 + f.log_index)), {where},"
        f" {', '.join(f'f.{name}' for name in columns)} FROM ({select}) f WHERE f.block_number <= {HEAD}".encode()
    )
