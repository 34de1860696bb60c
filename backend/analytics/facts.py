"""Where the figures come from: one SELECT for each table of facts. In `{range}` go the hours that are folded.

Each gives rows (scope, metric, dimension, at, value): the figures of an hour, summed up over that table. Facts of the
chain never change below finality, and of our own tables only what is never changed or deleted is counted: an account's
erasure takes nothing back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ZERO = f"'\\x{'00' * 20}'::bytea"
BLOCKS = (
    "f.block_number > :low AND f.block_number <= :high AND f.block_time >= :since AND f.block_time < :until"
)
"""The condition on facts of the chain: the primary key finds them, the time says to which hour they belong."""


def hour(column: str) -> str:
    """SQL of the hour that a time belongs to."""
    return f"date_trunc('hour', {column}, 'UTC')"


def organiser(column: str) -> str:
    """SQL of an organiser's, issuer's or creator's scope."""
    return f"'o' || encode({column}, 'hex')"


@dataclass(frozen=True)
class Source:
    """Figures of one table `f`. `values` are aggregates by metric, `keys` what they are grouped by.

    `scopes` and `dimension` are SQL over the keys; `tables` of the mirror are those it reads.
    """

    table: str
    values: Mapping[str, str]
    keys: Mapping[str, str]
    scopes: tuple[str, ...] = ("''",)
    dimension: str = "''"
    join: str = ""
    where: str = "true"
    time: str = "f.block_time"

    @property
    def is_of_chain(self) -> bool:
        """Whether its facts are the mirror's."""
        return self.table.startswith("mirror.")

    @property
    def select(self) -> str:
        """The SELECT; its parameters are low, high, since, until."""
        own = f"{self.time} >= :since AND {self.time} < :until"
        keys = "".join(f", {sql} AS {name}" for name, sql in self.keys.items())
        values = "".join(f", {sql} AS {name}" for name, sql in self.values.items())
        group = ", ".join(["1", *(str(number) for number in range(2, 2 + len(self.keys)))])
        rows = ", ".join(f"('{name}', CAST({name} AS numeric))" for name in self.values)
        return f"""
SELECT scope, metric, {self.dimension} AS dimension, at, value
FROM (
    SELECT {hour(self.time)} AS at{keys}{values} FROM {self.table} f {self.join}
    WHERE {BLOCKS if self.is_of_chain else own} AND {self.where} GROUP BY {group}
) facts
CROSS JOIN LATERAL unnest(ARRAY[{", ".join(self.scopes)}]) AS scope
CROSS JOIN LATERAL (VALUES {rows}) AS figures (metric, value)
WHERE scope IS NOT NULL AND value <> 0
"""  # noqa: S608 - the parts stand below


_RAFFLE = "JOIN mirror.raffle_raffle_created c ON c.raffle_id = f."
_PLAN = "JOIN mirror.vesting_plan_created p ON p.plan_id = g.plan_id"
_OF_RAFFLE = ("''", organiser("organiser"), "'r' || raffle")
_OF_PLAN = ("''", organiser("organiser"), "'v' || plan")
_TOKEN = "encode(token, 'hex')"  # noqa: S105
_CONTEST = (
    "JOIN mirror.contest_contest_opened c ON c.contest_id = f.draw_id"
    " JOIN app.contest a ON a.contest_key = c.contest_key"
)


def _votes(table: str) -> Source:
    return Source(
        f"mirror.{table}",
        {"votes": "count(*)", "vote_weight": "sum(f.weight)"},
        {"support": "f.support"},
        dimension="CAST(support AS text)",
    )


SOURCES: tuple[Source, ...] = (
    Source(
        "mirror.raffle_raffle_created",
        {"raffles": "count(*)"},
        {"organiser": "f.organiser", "token": "f.payment_token"},
        ("''", organiser("organiser")),
        _TOKEN,
    ),
    Source(
        "mirror.raffle_tickets_bought",
        {"entries": "count(*)", "tickets": "sum(f.count)", "volume": "sum(f.paid)"},
        {"organiser": "c.organiser", "raffle": "f.raffle_id", "token": "c.payment_token"},
        _OF_RAFFLE,
        _TOKEN,
        f"{_RAFFLE}raffle_id",
    ),
    Source(
        "mirror.raffle_entry_refunded",
        {"refunds": "sum(f.amount)"},
        {"organiser": "c.organiser", "raffle": "f.raffle_id", "token": "c.payment_token"},
        _OF_RAFFLE,
        _TOKEN,
        f"{_RAFFLE}raffle_id",
    ),
    Source(
        "mirror.raffle_refunds_opened",
        {"refunds_opened": "count(*)"},
        {"organiser": "c.organiser"},
        ("''", organiser("organiser")),
        join=f"{_RAFFLE}raffle_id",
    ),
    Source(
        "mirror.raffle_draw_finalised",
        {"draws": "count(*)"},
        {"organiser": "c.organiser"},
        ("''", organiser("organiser")),
        join=f"{_RAFFLE}draw_id",
    ),
    Source(
        "mirror.raffle_prize_claimed",
        {"prizes_claimed": "count(*)"},
        {"organiser": "c.organiser", "raffle": "f.raffle_id"},
        _OF_RAFFLE,
        join=f"{_RAFFLE}raffle_id",
    ),
    Source(
        "mirror.raffle_proceeds_withdrawn",
        {"proceeds": "sum(f.amount)", "fees": "sum(f.fee)"},
        {"organiser": "f.organiser", "raffle": "f.raffle_id", "token": "f.token"},
        _OF_RAFFLE,
        _TOKEN,
    ),
    Source(
        "mirror.contest_contest_opened",
        {"contests": "count(*)", "contest_entries": "sum(f.entries)"},
        {"organiser": "f.organiser"},
        ("''", organiser("organiser")),
    ),
    Source(
        "mirror.contest_draw_finalised",
        {"contest_draws": "count(*)"},
        {"organiser": "c.organiser"},
        ("''", organiser("organiser")),
        join="JOIN mirror.contest_contest_opened c ON c.contest_id = f.draw_id",
    ),
    Source(
        "mirror.contest_draw_finalised",
        {"draws_by_platform": "count(*)"},
        {"organiser": "c.organiser", "platform": "s.source"},
        ("''", organiser("organiser")),
        "platform",
        f"{_CONTEST} CROSS JOIN LATERAL unnest(a.sources) AS s (source)",
    ),
    Source(
        "mirror.contest_draw_finalised",
        {"draws_by_filter": "count(*)"},
        {"organiser": "c.organiser", "kind": "s.kind"},
        ("''", organiser("organiser")),
        "kind",
        f"{_CONTEST} CROSS JOIN LATERAL"  # noqa: S608
        " (SELECT DISTINCT one ->> 'kind' AS kind FROM jsonb_array_elements(a.filters) AS one) s",
    ),
    Source(
        "mirror.token_factory_token_created",
        {"tokens": "count(*)"},
        {"organiser": "f.creator"},
        ("''", organiser("organiser")),
    ),
    Source(
        "mirror.token_factory_fee_paid",
        {"launch_fees": "sum(f.amount)"},
        {"token": "f.currency"},
        dimension=_TOKEN,
    ),
    Source(
        "mirror.vesting_granted",
        {"granted": "sum(f.amount)"},
        {"organiser": "p.creator", "plan": "f.plan_id", "token": "p.token"},
        _OF_PLAN,
        _TOKEN,
        "JOIN mirror.vesting_plan_created p ON p.plan_id = f.plan_id",
    ),
    Source(
        "mirror.vesting_released",
        {"released": "sum(f.amount)"},
        {"organiser": "p.creator", "plan": "g.plan_id", "token": "p.token"},
        _OF_PLAN,
        _TOKEN,
        f"JOIN mirror.vesting_granted g ON g.grant_id = f.grant_id {_PLAN}",
    ),
    Source(
        "mirror.vesting_revoked",
        {"returned": "sum(f.returned)"},
        {"organiser": "p.creator", "plan": "g.plan_id", "token": "p.token"},
        _OF_PLAN,
        _TOKEN,
        f"JOIN mirror.vesting_granted g ON g.grant_id = f.grant_id {_PLAN}",
    ),
    Source(
        "mirror.token_transfer",
        {
            "transfers": "count(*)",
            "transferred": f"sum(f.value) FILTER (WHERE f.from_ <> {ZERO} AND f.to_ <> {ZERO})",
            "supply": f"sum(CASE WHEN f.from_ = {ZERO} THEN f.value ELSE 0 END"
            f" - CASE WHEN f.to_ = {ZERO} THEN f.value ELSE 0 END)",
        },
        {"token": "f.address"},
        ("''", f"'t' || {_TOKEN}"),
        _TOKEN,
    ),
    Source("mirror.governor_proposal_created", {"proposals": "count(*)"}, {}),
    _votes("governor_vote_cast"),
    _votes("governor_vote_cast_with_params"),
    # Every account has a wallet, which stays when the account is erased.
    Source("app.wallet", {"sign_ups": "count(*)"}, {}, where="f.role = 'user'", time="f.created_at"),
    Source("app.pseudonym", {"erased": "count(*)"}, {}, time="f.erased_at"),
    *(
        Source(
            "app.ledger_entry",
            {name: "sum(f.moved)"},
            {"account": f"{mine}.user_id", "purpose": "f.purpose"},
            ("''", "'u' || account"),
            "purpose",
            "JOIN app.ledger_account d ON d.id = f.debit_id JOIN app.ledger_account c ON c.id = f.credit_id",
            f"f.currency = 'CREDIT' AND f.moved > 0 AND {mine}.kind = 'user' AND {other}.kind <> 'user'",
            "f.at",
        )
        for name, mine, other in (("credits_added", "c", "d"), ("credits_spent", "d", "c"))
    ),
    Source(
        "app.slot",
        {"transactions": "count(*)", "gas": "sum(f.fee)"},
        {"account": "i.user_id", "role": "w.role"},
        ("''", "'u' || account"),
        "role",
        "JOIN app.wallet w ON w.id = f.wallet_id JOIN app.intent i ON i.id = f.intent_id",
        "f.fee IS NOT NULL",
        "f.final_at",
    ),
)
BOUGHT, MOVED = "mirror.raffle_tickets_bought", "mirror.token_transfer"
"""Tables of what is counted distinct, and of what balances are made of."""
CHAIN_TABLES = tuple(sorted({source.table for source in SOURCES if source.is_of_chain}))
OWN_TABLES = tuple(
    sorted({(source.table, source.time.removeprefix("f.")) for source in SOURCES if not source.is_of_chain})
)

# Who bought: in each hour, on each day, and for the first time ever.
PLAYERS = f"""
SELECT DISTINCT {{at}} AS at, scope, f.buyer AS player FROM {BOUGHT} f {_RAFFLE}raffle_id
CROSS JOIN LATERAL unnest(ARRAY['', {organiser("c.organiser")}, 'r' || f.raffle_id]) AS scope WHERE {BLOCKS}
"""  # noqa: S608
PLAYERS_OF_HOURS = PLAYERS.replace("{at}", hour("f.block_time"))
PLAYERS_OF_DAYS = PLAYERS.replace("{at}", "date_trunc('day', f.block_time, 'UTC')")
_FIRST = f"""
    SELECT f.buyer, min(f.block_number) AS block, {hour("min(f.block_time)")} AS at FROM {BOUGHT} f
    WHERE {BLOCKS} GROUP BY f.buyer
"""  # noqa: S608
FIRST_PURCHASES = f"""
SELECT '' AS scope, metric, '' AS dimension, at, value FROM (
    SELECT first.at, count(*) AS new, count(w.id) AS converted FROM ({_FIRST}) first
    LEFT JOIN app.wallet w ON w.address = first.buyer AND w.role = 'user'
    WHERE NOT EXISTS (SELECT FROM {BOUGHT} p WHERE p.buyer = first.buyer AND p.block_number < first.block)
    GROUP BY first.at
) facts CROSS JOIN LATERAL (VALUES ('new_players', new), ('converted', converted)) AS figures (metric, value)
WHERE value <> 0
"""  # noqa: S608

_MOVES = f"""
    SELECT f.address AS token, moved.holder, {hour("f.block_time")} AS at, sum(moved.delta) AS delta
    FROM {MOVED} f CROSS JOIN LATERAL (VALUES (f.to_, f.value), (f.from_, -f.value)) AS moved (holder, delta)
    WHERE {BLOCKS} GROUP BY 1, 2, 3
"""  # noqa: S608
DAYS_OF_TRANSFERS = f"SELECT DISTINCT date_trunc('day', f.block_time, 'UTC') FROM {MOVED} f WHERE {BLOCKS}"  # noqa: S608
CHANGES = f"SELECT token, holder, sum(delta) FROM ({_MOVES}) moves GROUP BY token, holder"  # noqa: S608
"""By how much balances change."""
HOLDERS = f"""
SELECT scope, 'holders' AS metric, encode(token, 'hex') AS dimension, at, sum(change) AS value FROM (
    SELECT token, at, CAST(after > 0 AS int) - CAST(after - delta > 0 AS int) AS change FROM (
        SELECT m.token, m.at, m.delta,
            coalesce(b.amount, 0) + sum(m.delta) OVER (PARTITION BY m.token, m.holder ORDER BY m.at) AS after
        FROM ({_MOVES}) m LEFT JOIN {{balance}} b ON b.token = m.token AND b.holder = m.holder
    ) balances
) changes CROSS JOIN LATERAL unnest(ARRAY['', 't' || encode(token, 'hex')]) AS scope
WHERE change <> 0 GROUP BY scope, token, at HAVING sum(change) <> 0
"""  # noqa: S608
"""Who came to hold something, less who came to hold nothing."""
TOP_10 = f"""
WITH moves AS MATERIALIZED ({_MOVES}),
now AS MATERIALIZED (
    SELECT m.token, m.holder, coalesce(b.amount, 0) + m.delta AS amount
    FROM (SELECT token, holder, sum(delta) AS delta FROM moves GROUP BY token, holder) m
    LEFT JOIN {{balance}} b ON b.token = m.token AND b.holder = m.holder
), moved AS (
    SELECT token FROM moves WHERE at >= CAST(:day AS timestamptz)
    UNION
    SELECT decode(r.dimension, 'hex') FROM {{rows}} r
    WHERE r.scope = '' AND r.metric = 'transfers' AND r.span = 'hour' AND r.at >= :day AND r.at < :since
), largest AS (
    SELECT token, amount, row_number() OVER (PARTITION BY token ORDER BY amount DESC) AS place FROM (
        SELECT token, amount FROM now WHERE amount > 0
        UNION ALL
        SELECT t.token, kept.amount FROM moved t CROSS JOIN LATERAL (
            SELECT b.amount FROM {{balance}} b WHERE b.token = t.token AND b.amount > 0
                AND (b.token, b.holder) NOT IN (SELECT token, holder FROM now)
            ORDER BY b.amount DESC LIMIT 10
        ) kept
    ) candidates
), sums AS (SELECT token, sum(amount) AS amount FROM largest WHERE place <= 10 GROUP BY token)
SELECT scope, 'top_10' AS metric, encode(t.token, 'hex') AS dimension, CAST(:day AS timestamptz) AS at,
    coalesce(s.amount, 0) AS value
FROM moved t LEFT JOIN sums s ON s.token = t.token
CROSS JOIN LATERAL unnest(ARRAY['', 't' || encode(t.token, 'hex')]) AS scope
"""  # noqa: S608
"""What the ten largest holders have at the end of a day, of tokens that moved on it."""
