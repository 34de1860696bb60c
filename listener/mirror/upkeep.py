"""What readers need beside facts, made when there is time: indexes and rollups.

Works on the listener's writing connection, in small pieces while the mirror is at the head, so that a backfill
pays for nothing. Facts at or below a folded block change in two ways only, and both start the sums over: a source
that misses such blocks (`prepare`, which runs in the transaction that records it; nothing is folded until it is
filled) and a rollback (`roll_back`). Nothing here may stop the mirror: a rollup that Postgres refuses is left
alone, and said.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import psycopg
import structlog
from psycopg import sql

from listener.mirror.reads import indexes
from listener.mirror.reads.rollups import ALL_DAYS, HOLDING_COLUMNS, ROLLUPS, TALLY_COLUMNS, Rollup
from listener.mirror.schema import EventTable

log = structlog.get_logger("upkeep")
Connection = psycopg.Connection[tuple[Any, ...]]

FOLD_ROWS = 30_000  # facts folded in one transaction: some 0.2 s in which no block is written
FOLD_BLOCKS = 64  # a tail this short is as quick to add to an answer as to fold

TABLES = (
    # Rollup `name` is folded for all blocks up to `through`; `definition` is a hash of its SELECT.
    """CREATE TABLE IF NOT EXISTS mirror.rollup (
        name text PRIMARY KEY,
        definition text NOT NULL,
        tables text[] NOT NULL,
        through bigint NOT NULL)""",
    # Sums over the facts of one day, and of all days. `subject`: '' is everybody, else see listener.mirror.reads.rollups.
    """CREATE TABLE IF NOT EXISTS mirror.tally (
        name text NOT NULL,
        subject text NOT NULL,
        day date NOT NULL,
        token bytea NOT NULL,
        events bigint NOT NULL,
        units numeric NOT NULL,
        amount numeric NOT NULL,
        last_block bigint NOT NULL,
        PRIMARY KEY (name, subject, day, token))""",
    # What a holder has of a token: balance or votes. Minted and not burned: minus what the zero address has.
    """CREATE TABLE IF NOT EXISTS mirror.holding (
        name text NOT NULL,
        token bytea NOT NULL,
        holder bytea NOT NULL,
        amount numeric NOT NULL,
        last_block bigint NOT NULL,
        PRIMARY KEY (name, token, holder))""",
)
# Made after the first folds, which are five times as quick without. That of amounts is of no use to who looks up one
# holder: else PostgreSQL takes it, since it has the amount, and goes through all holders of the token.
LATE_INDEXES = ("holding (name, token, amount, holder) WHERE amount > 0", "holding (holder, name, token)")

_FOLD_TALLY = """
INSERT INTO mirror.tally AS t
SELECT %(name)s, subject, coalesce(day, {all_days}), token, count(*), sum(units), sum(amount), max(block_number)
FROM (
    SELECT unnest(facts.subjects) AS subject, CAST(facts.block_time AT TIME ZONE 'UTC' AS date) AS day,
        facts.token, facts.units, facts.amount, facts.block_number
    FROM ({facts}) AS facts({columns})
) each_one
GROUP BY GROUPING SETS ((subject, day, token), (subject, token))
ON CONFLICT (name, subject, day, token) DO UPDATE SET events = t.events + EXCLUDED.events,
    units = t.units + EXCLUDED.units, amount = t.amount + EXCLUDED.amount, last_block = EXCLUDED.last_block
"""
_FOLD_HOLDING = """
WITH change AS (
    SELECT token, holder, sum(delta) AS delta, max(block_number) AS block_number FROM ({facts}) AS facts({columns})
    GROUP BY token, holder
), changed AS (
    SELECT c.token, c.holder, c.block_number, coalesce(h.amount, 0) AS before,
        coalesce(h.amount, 0) + c.delta AS amount
    FROM change c
    LEFT JOIN mirror.holding h ON h.name = %(name)s AND h.token = c.token AND h.holder = c.holder
), counted AS (
    INSERT INTO mirror.tally AS t
    SELECT %(name)s, '', {all_days}, token,
        sum(CAST(amount > 0 AS int) - CAST(before > 0 AS int)), 0, 0, max(block_number)
    FROM changed GROUP BY token
    ON CONFLICT (name, subject, day, token) DO UPDATE SET events = t.events + EXCLUDED.events,
        last_block = EXCLUDED.last_block
)
INSERT INTO mirror.holding
SELECT %(name)s, token, holder, amount, block_number FROM changed
ON CONFLICT (name, token, holder) DO UPDATE SET amount = EXCLUDED.amount, last_block = EXCLUDED.last_block
"""
_FOLD = {
    "tally": _FOLD_TALLY.replace("{columns}", TALLY_COLUMNS).replace("{all_days}", ALL_DAYS),
    "holding": _FOLD_HOLDING.replace("{columns}", HOLDING_COLUMNS).replace("{all_days}", ALL_DAYS),
}


class Upkeep:
    """Indexes and rollups of one mirror. Prepare it before anything else."""

    def __init__(self) -> None:
        self._rollups: list[Rollup] = []
        self._indexes: dict[str, str] = {}
        self._late_indexes: dict[str, str] = {}

    def prepare(self, db: Connection, tables: Sequence[EventTable]) -> None:
        """Create the rollups' tables, start those over whose definition or sources changed, find the missing
        indexes. `mirror.source` is up to date.
        """
        for statement in TABLES:
            db.execute(statement.encode())
        self._rollups = [rollup for rollup in ROLLUPS if _is_possible(db, rollup)]
        stored: dict[str, str] = dict(db.execute("SELECT name, definition FROM mirror.rollup").fetchall())
        possible = {rollup.name: _definition(rollup) for rollup in self._rollups}
        for name in stored:
            if possible.get(name) != stored[name]:
                _start_over(db, name)
                db.execute("DELETE FROM mirror.rollup WHERE name = %s", (name,))
        for rollup in self._rollups:
            db.execute(
                "INSERT INTO mirror.rollup VALUES (%s, %s, %s, -1) ON CONFLICT DO NOTHING",
                (rollup.name, possible[rollup.name], list(rollup.tables)),
            )
            self._start_over_above(db, rollup, _missing_from(db, rollup))
        self._find_indexes(db, tables)

    def _find_indexes(self, db: Connection, tables: Sequence[EventTable]) -> None:
        rows = db.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relkind = 'i'"
            " AND c.relnamespace = 'mirror'::regnamespace"
        ).fetchall()
        existing = {name for (name,) in rows if name.endswith("_read")}
        needed = indexes.wanted(tables)
        self._late_indexes = {indexes.name_of(spec): spec for spec in LATE_INDEXES}
        kept = needed.keys() if self._is_folding_afresh(db) else needed.keys() | self._late_indexes.keys()
        for name in existing - kept:
            db.execute(sql.SQL("DROP INDEX mirror.{}").format(sql.Identifier(name)))
        existing &= kept
        self._indexes = {name: spec for name, spec in needed.items() if name not in existing}
        self._late_indexes = {n: spec for n, spec in self._late_indexes.items() if n not in existing}

    def _is_folding_afresh(self, db: Connection) -> bool:
        names = [rollup.name for rollup in self._rollups if rollup.kind == "holding"]
        row = db.execute(
            "SELECT count(*) FROM mirror.rollup WHERE through = -1 AND name = ANY(%s)", (names,)
        ).fetchone()
        return bool(row and row[0])

    def step(self, db: Connection) -> bool:
        """Do one piece of work; whether there may be more. Call it outside a transaction, at the head."""
        if self._indexes:
            _create_index(db, self._indexes)
            return True
        due = db.execute(
            "SELECT r.name FROM mirror.rollup r, mirror.cursor c"
            " WHERE least(c.block_number, c.finalized_number) - r.through >= %s AND NOT EXISTS"
            " (SELECT 1 FROM mirror.source s WHERE s.missing_from IS NOT NULL AND s.stopped_at IS NULL"
            " AND s.table_name = ANY(r.tables))",
            (FOLD_BLOCKS,),
        ).fetchall()
        mine = [rollup for rollup in self._rollups if (rollup.name,) in due]
        if mine:
            self._guarded_fold(db, mine[0])
        elif self._late_indexes:
            _create_index(db, self._late_indexes)
        else:
            return False
        return True

    def _guarded_fold(self, db: Connection, rollup: Rollup) -> None:
        try:
            with db.transaction():
                _fold(db, rollup)
        except (psycopg.ProgrammingError, psycopg.DataError, psycopg.IntegrityError) as error:
            log.error("a rollup was refused", rollup=rollup.name, reason=str(error).strip())
            self._rollups.remove(rollup)

    def roll_back(self, db: Connection, fork: int) -> None:
        """Facts above block `fork` go: sums that hold such blocks start over. Folded blocks are final, so there
        should be none.
        """
        for rollup in self._rollups:
            self._start_over_above(db, rollup, fork + 1)

    @staticmethod
    def _start_over_above(db: Connection, rollup: Rollup, first: int | None) -> None:
        if first is None:
            return
        row = db.execute(
            "SELECT through >= %s FROM mirror.rollup WHERE name = %s", (first, rollup.name)
        ).fetchone()
        if row is not None and row[0]:
            _start_over(db, rollup.name)


def _create_index(db: Connection, missing: dict[str, str]) -> None:
    """The next of the missing indexes; after a table's last one its statistics, without which nobody would use
    them.
    """
    name, spec = next(iter(missing.items()))
    del missing[name]
    table = indexes.table_of(spec)
    try:
        db.execute(f"CREATE INDEX IF NOT EXISTS {name} ON mirror.{spec}".encode())
    except (psycopg.ProgrammingError, psycopg.DataError) as error:
        log.error("an index was refused", index=name, reason=str(error).strip())
    if table not in {indexes.table_of(other) for other in missing.values()}:
        db.execute(sql.SQL("ANALYZE mirror.{}").format(sql.Identifier(table)))


def _fold(db: Connection, rollup: Rollup) -> None:
    """Fold the next final blocks of a rollup."""
    row = db.execute(
        "SELECT r.through, least(c.block_number, c.finalized_number) FROM mirror.rollup r, mirror.cursor c"
        " WHERE r.name = %s",
        (rollup.name,),
    ).fetchone()
    if row is None:
        return
    through, final = row
    last = min([final, *(_block_after(db, table, through) for table in rollup.driving)])
    facts = rollup.facts(f"f.block_number > {through} AND f.block_number <= {last}")
    db.execute(_FOLD[rollup.kind].replace("{facts}", facts).encode(), {"name": rollup.name})
    db.execute("UPDATE mirror.rollup SET through = %s WHERE name = %s", (last, rollup.name))


def _missing_from(db: Connection, rollup: Rollup) -> int | None:
    """The first block that a table of the rollup still misses."""
    row = db.execute(
        "SELECT min(missing_from) FROM mirror.source WHERE stopped_at IS NULL AND table_name = ANY(%s)",
        (list(rollup.tables),),
    ).fetchone()
    return row[0] if row is not None else None


def _block_after(db: Connection, table: str, block: int) -> int:
    """The block that holds the table's fact FOLD_ROWS after `block`."""
    row = db.execute(
        sql.SQL(
            "SELECT block_number FROM mirror.{} WHERE block_number > %s ORDER BY block_number"
            " OFFSET %s LIMIT 1"
        ).format(sql.Identifier(table)),
        (block, FOLD_ROWS),
    ).fetchone()
    return row[0] if row is not None else 2**63 - 1


def _start_over(db: Connection, name: str) -> None:
    db.execute("DELETE FROM mirror.tally WHERE name = %s", (name,))
    db.execute("DELETE FROM mirror.holding WHERE name = %s", (name,))
    db.execute("UPDATE mirror.rollup SET through = -1 WHERE name = %s", (name,))


def _is_possible(db: Connection, rollup: Rollup) -> bool:
    """Whether this mirror has the rollup's tables with its columns: an integrator's contract may bear one of our
    names and have events of its own.
    """
    try:
        with db.transaction():
            facts = rollup.facts("f.block_number > 0")
            db.execute(f"EXPLAIN {_FOLD[rollup.kind].replace('{facts}', facts)}".encode(), {"name": "-"})
    except psycopg.ProgrammingError:
        return False
    return True


def _definition(rollup: Rollup) -> str:
    return sha256(f"{rollup.tables} {rollup.select}".encode()).hexdigest()
