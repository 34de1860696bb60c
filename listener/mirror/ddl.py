"""Tables of schema `mirror` that are not events. Their names have no `_`, so no event table can have one of
them.

`cursor` (one row): `block_number` is the last block mirrored, what readers call `as_of_block`; a fact is
final when its block is at or below `finalized_number`. `block`: the blocks a fork could still replace and the
last final one. `replaced`: blocks that forks took away. `problem`: what an event table could not hold.
`source`: what is mirrored into which table, and what is still missing. `rollup`, `tally`, `holding`: sums
(`listener.mirror.upkeep`). After each commit: NOTIFY on channel `mirror`, payload {"chain_id", "first_block",
"last_block", "rolled_back": bool}.
"""

CHANNEL = "mirror"
READER_ROLE = "backend"

SYSTEM_TABLES = (
    """CREATE TABLE IF NOT EXISTS mirror.cursor (
        chain_id bigint PRIMARY KEY,
        block_number bigint NOT NULL,
        block_hash bytea,
        block_time timestamptz,
        head_number bigint,
        head_time timestamptz,
        finalized_number bigint,
        updated_at timestamptz NOT NULL DEFAULT now())""",
    """CREATE TABLE IF NOT EXISTS mirror.block (
        number bigint PRIMARY KEY,
        hash bytea NOT NULL,
        parent_hash bytea NOT NULL,
        time timestamptz NOT NULL)""",
    # The blocks of one rollback: `shared` is the last block that both branches have. Kept for 14 days.
    """CREATE TABLE IF NOT EXISTS mirror.replaced (
        serial bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        number bigint NOT NULL,
        hash bytea NOT NULL,
        shared bigint NOT NULL,
        at timestamptz NOT NULL DEFAULT now())""",
    "CREATE INDEX IF NOT EXISTS replaced_number ON mirror.replaced (number)",
    # kind `undecodable`: the event table has no row; `altered`: it has one, U+FFFD for NUL and broken UTF-8.
    """CREATE TABLE IF NOT EXISTS mirror.problem (
        block_number bigint NOT NULL,
        block_hash bytea NOT NULL,
        block_time timestamptz NOT NULL,
        log_index integer NOT NULL,
        transaction_hash bytea NOT NULL,
        address bytea NOT NULL,
        table_name text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('undecodable', 'altered')),
        reason text NOT NULL,
        topics bytea[] NOT NULL,
        data bytea NOT NULL,
        PRIMARY KEY (block_number, log_index, table_name))""",
    # address is empty for contracts found from a creating event; the rest: `listener.mirror.sources.Source`.
    """CREATE TABLE IF NOT EXISTS mirror.source (
        table_name text NOT NULL,
        address bytea NOT NULL,
        contract text NOT NULL,
        signature text NOT NULL,
        shape text NOT NULL,
        missing_from bigint,
        stopped_at bigint,
        PRIMARY KEY (table_name, address))""",
    """ALTER TABLE mirror.source
        ADD COLUMN IF NOT EXISTS first_block bigint, ADD COLUMN IF NOT EXISTS created_by text""",
)
