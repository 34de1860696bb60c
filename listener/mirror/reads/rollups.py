"""Sums that no index makes cheap, kept for final blocks: daily figures, balances, votes (decision 10).

A rollup is one SELECT over facts. `listener.mirror.upkeep` folds it, block range after block range, into
`mirror.tally` or `mirror.holding` up to a final block, `mirror.rollup.through`; a read adds the same SELECT over
the facts above that block. So an answer never depends on when something was folded: only its speed does.

In a rollup's text `{range}` stands for the condition on `block_number` of the facts that drive it, table `f`.
Only text: the listener imports this at its start.
"""

from dataclasses import dataclass

TALLY_COLUMNS = "block_number, block_time, subjects, token, units, amount"
"""What a tally's SELECT gives for a fact: whom it counts for, the token, a count of units, an amount."""
HOLDING_COLUMNS = "block_number, token, holder, delta"
"""What a holding's SELECT gives for a fact: by how much a holder's amount changes."""
ALL_DAYS = "DATE '-infinity'"
"""The day of a tally's sums over all days. That of a holding counts, as events, the holders of each token."""
EVERYBODY = ""
_NO_TOKEN = "''::bytea"  # noqa: S105 - the token of what has none


def organiser(column: str) -> str:
    """SQL of the subject that stands for an organiser or creator, by a bytea column."""
    return f"'o' || encode({column}, 'hex')"


def numbered(kind: str, column: str) -> str:
    """SQL of the subject that stands for a thing with a number; `kind` is one letter."""
    return f"'{kind}' || CAST({column} AS text)"


@dataclass(frozen=True)
class Rollup:
    """Facts summed up. `kind` is the table it goes to, `tables` are all whose rows it reads, `driving` those
    whose blocks are folded in ranges.
    """

    name: str
    kind: str
    driving: tuple[str, ...]
    select: str
    joined: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """All tables whose rows decide the sums."""
        return (*self.driving, *self.joined)

    def facts(self, condition: str) -> str:
        """The SELECT over the facts that meet a condition on their block."""
        return self.select.replace("{range}", condition)


def _tally(
    name: str, table: str, columns: str, join: str = "", joined: tuple[str, ...] = (), where: str = "true"
) -> Rollup:
    """A tally over one table; `columns` are subjects, token, units and amount."""
    select = (
        f"SELECT f.block_number, f.block_time, {columns} FROM mirror.{table} f {join}"  # noqa: S608
        f" WHERE {{range}} AND {where}"
    )
    return Rollup(name, "tally", (table,), select, joined)


_RAFFLE = "JOIN mirror.raffle_raffle_created c ON c.raffle_id = f."
_CREATED = ("raffle_raffle_created",)
_OF_RAFFLE = f"ARRAY['', {organiser('c.organiser')}, {numbered('r', 'c.raffle_id')}], c.payment_token"
_OF_F = f"ARRAY['', {organiser('f.organiser')}, {numbered('r', 'f.raffle_id')}]"
_VOTES = f"""
SELECT f.block_number, f.block_time,
    ARRAY['', 'p' || CAST(f.proposal_id AS text) || ':' || CAST(f.support AS text)] AS subjects,
    {_NO_TOKEN} AS token, 0 AS units, f.weight AS amount
FROM mirror."""  # noqa: S608

ROLLUPS = (
    _tally(
        "raffles",
        "raffle_raffle_created",
        f"ARRAY['', {organiser('f.organiser')}] AS subjects, f.payment_token AS token, 0 AS units, 0 AS amount",
    ),
    _tally(
        "sales",
        "raffle_tickets_bought",
        f"{_OF_RAFFLE} AS token, f.count AS units, f.paid AS amount",
        _RAFFLE + "raffle_id",
        _CREATED,
    ),
    _tally(
        "refunds",
        "raffle_entry_refunded",
        f"{_OF_RAFFLE} AS token, 0 AS units, f.amount",
        _RAFFLE + "raffle_id",
        _CREATED,
    ),
    _tally(
        "refunds_opened",
        "raffle_refunds_opened",
        f"{_OF_RAFFLE} AS token, f.tickets_sold AS units, 0 AS amount",
        _RAFFLE + "raffle_id",
        _CREATED,
    ),
    _tally(
        "draws",
        "raffle_draw_finalised",
        f"{_OF_RAFFLE} AS token, f.n AS units, 0 AS amount",
        _RAFFLE + "draw_id",
        _CREATED,
    ),
    _tally(
        "prizes",
        "raffle_prize_claimed",
        f"ARRAY['', {organiser('c.organiser')}, {numbered('r', 'c.raffle_id')}], f.token, 0 AS units, f.amount",
        _RAFFLE + "raffle_id",
        _CREATED,
    ),
    _tally(
        "proceeds",
        "raffle_proceeds_withdrawn",
        f"{_OF_F} AS subjects, f.token, 0 AS units, f.amount AS amount",
    ),
    _tally("fees", "raffle_proceeds_withdrawn", f"{_OF_F} AS subjects, f.token, 0 AS units, f.fee AS amount"),
    _tally(
        "contests",
        "contest_contest_opened",
        f"ARRAY['', {organiser('f.organiser')}] AS subjects, {_NO_TOKEN} AS token, f.entries AS units, 0 AS amount",
    ),
    _tally(
        "contest_draws",
        "contest_draw_finalised",
        f"ARRAY['', {organiser('c.organiser')}] AS subjects, {_NO_TOKEN} AS token, f.n AS units, 0 AS amount",
        "JOIN mirror.contest_contest_opened c ON c.contest_id = f.draw_id",
        ("contest_contest_opened",),
    ),
    _tally(
        "tokens",
        "token_factory_token_created",
        f"ARRAY['', {organiser('f.creator')}] AS subjects, {_NO_TOKEN} AS token, 0 AS units, 0 AS amount",
    ),
    _tally(
        "launch_fees",
        "token_factory_fee_paid",
        "ARRAY[''] AS subjects, f.currency AS token, 0 AS units, f.amount",
    ),
    _tally(
        "granted",
        "vesting_granted",
        f"ARRAY['', {numbered('v', 'f.plan_id')}] AS subjects, p.token, 0 AS units, f.amount",
        "JOIN mirror.vesting_plan_created p ON p.plan_id = f.plan_id",
        ("vesting_plan_created",),
    ),
    _tally(
        "released",
        "vesting_released",
        f"ARRAY['', {numbered('v', 'g.plan_id')}] AS subjects, p.token, 0 AS units, f.amount",
        "JOIN mirror.vesting_granted g ON g.grant_id = f.grant_id"
        " JOIN mirror.vesting_plan_created p ON p.plan_id = g.plan_id",
        ("vesting_granted", "vesting_plan_created"),
    ),
    _tally(
        "proposals",
        "governor_proposal_created",
        f"ARRAY[''] AS subjects, {_NO_TOKEN} AS token, 0 AS units, 0 AS amount",
    ),
    Rollup(
        "votes",
        "tally",
        ("governor_vote_cast", "governor_vote_cast_with_params"),
        f"{_VOTES}governor_vote_cast f WHERE {{range}}"
        f" UNION ALL {_VOTES}governor_vote_cast_with_params f WHERE {{range}}",
    ),
    Rollup(
        "balances",
        "holding",
        ("token_transfer",),
        "SELECT f.block_number, f.address AS token, moved.holder, moved.delta FROM mirror.token_transfer f"
        " CROSS JOIN LATERAL (VALUES (f.to_, f.value), (f.from_, -f.value)) moved(holder, delta) WHERE {range}",
    ),
    Rollup(
        "voting_power",
        "holding",
        ("token_delegate_votes_changed", "vesting_delegate_votes_changed"),
        "SELECT f.block_number, f.address AS token, f.delegate AS holder, f.new_votes - f.previous_votes AS delta"
        " FROM mirror.token_delegate_votes_changed f WHERE {range} UNION ALL"
        " SELECT f.block_number, f.token, f.delegatee, f.new_votes - f.previous_votes"
        " FROM mirror.vesting_delegate_votes_changed f WHERE {range}",
    ),
)
BY_NAME = {rollup.name: rollup for rollup in ROLLUPS}
