"""The facts of the reads' benchmark: one SELECT for each event table, run by Postgres (see `benchmarks.reads_data`).

People, tokens, raffles and so on are numbers; one of each kind is far bigger than the others.
"""

from collections.abc import Iterator

HEAD, FINAL = 400_000, 399_990
RAFFLES, BIG_RAFFLE, BIG_ENTRIES = 10_000, 5_000, 1_000_000
PEOPLE, TOKENS, BIG_TOKEN, BIG_HOLDERS = 50_000, 1_000, 1, 50_000
ORGANISERS, PLANS, GRANTS, PROPOSALS, BIG_PROPOSAL, CONTESTS = 200, 100, 10_000, 1_000, 500, 10_000
START = 1_760_000_000
BLOCK_SECONDS = 78
NOW = START + HEAD * BLOCK_SECONDS


# What a raffle is, by its number: 15 % open, then closed, undersold, drawing, refunding, the rest drawn.
_STATE = f"""
CASE WHEN n = {BIG_RAFFLE} THEN 'drawn' WHEN n > {RAFFLES - 1_500} THEN 'open' WHEN n % 50 = 1 THEN 'closed'
     WHEN n % 50 = 2 THEN 'undersold' WHEN n % 30 = 3 THEN 'drawing' WHEN n % 10 = 4 THEN 'refunding' ELSE 'drawn' END"""
_ZERO = "decode(repeat('00', 20), 'hex')"
_ENTRIES_EACH = 20
_PRIZES = f'[{{"kind": "0", "token": "0x{"00" * 20}", "amount": "1000000000000000000", "token_id": "0"}}]'


def facts() -> Iterator[tuple[str, str]]:
    """Event table → SELECT: block, log index, arguments by column name."""
    raffles = f"(SELECT n, {_STATE} AS state, n * 38 AS block FROM generate_series(1, {RAFFLES}) n) r"
    many = f"SELECT jsonb_agg(p) FROM generate_series(1, 100), jsonb_array_elements('{_PRIZES}') p"
    prizes = f"CASE WHEN n = {BIG_RAFFLE} THEN ({many}) ELSE '{_PRIZES}' END"
    yield (
        "raffle_raffle_created",
        f"""
        SELECT block AS block_number, 1 AS log_index, n AS raffle_id, pg_temp.who(n % {ORGANISERS}) AS organiser,
            CASE WHEN n % 3 = 0 THEN pg_temp.token(1 + n % 5) ELSE {_ZERO} END AS payment_token, 10 AS ticket_price,
            CASE WHEN state = 'open' THEN {NOW} + n * 60 ELSE {START} + block * {BLOCK_SECONDS} + 90000 END AS closes_at,
            CASE WHEN state = 'undersold' THEN 1000 ELSE 2 END AS min_tickets, 10000000 AS max_tickets, 0 AS max_per_buyer,
            250 AS fee_bps, 'Raffle number ' || n AS title, {prizes} AS prizes, pg_temp.hash('t' || n) AS terms_hash
        FROM {raffles}""",
    )
    yield (
        "raffle_tickets_bought",
        f"""
        SELECT r.block + 1 + j AS block_number, 1000 + n AS log_index, n AS raffle_id, p.address AS buyer,
            j AS entry_index, 3 * j AS first_ticket, 3 AS count, 30 AS paid, p.address AS payer
        FROM {raffles} CROSS JOIN generate_series(0, {_ENTRIES_EACH - 1}) j
        JOIN person p ON p.number = CASE WHEN j = 7 THEN 0 ELSE (n * 7919 + j * 104729) % {PEOPLE} END
        WHERE n <> {BIG_RAFFLE}""",
    )
    yield (
        "raffle_tickets_bought",
        f"""
        SELECT 190001 + j / 5 AS block_number, j % 5 AS log_index, {BIG_RAFFLE} AS raffle_id, p.address AS buyer,
            j AS entry_index, 3 * j AS first_ticket, 3 AS count, 30 AS paid, p.address AS payer
        FROM generate_series(0, {BIG_ENTRIES - 1}) j
        JOIN person p ON p.number = CASE WHEN j % 20 = 0 THEN 0 ELSE (j::bigint * 7919) % {PEOPLE} END""",
    )
    sold = f"CASE WHEN n = {BIG_RAFFLE} THEN {3 * BIG_ENTRIES} ELSE {3 * _ENTRIES_EACH} END"
    drawing = f"""
        SELECT {{block}} AS block_number, 2 AS log_index, n AS {{key}}, pg_temp.hash('t' || n) AS commitment, {{n}} AS n,
            {{k}} AS k, 77 AS round, {START} + {{block}} * {BLOCK_SECONDS} + 60 AS reveal_at,
            {START} + {{block}} * {BLOCK_SECONDS} + 50 AS vrf_deadline, pg_temp.who(1) AS coordinator, n AS vrf_request_id"""
    final = """
        SELECT {block} + 2 AS block_number, 4 AS log_index, n AS {key}, pg_temp.hash('seed' || n) AS seed, {n} AS n,
            {k} AS k, pg_temp.hash('t' || n) AS commitment, n AS vrf_word, 77 AS round, pg_temp.hash('d' || n)
            AS drand_randomness,
            pg_temp.who(9) AS finaliser"""
    mine = {
        "block": f"(CASE WHEN n = {BIG_RAFFLE} THEN 391000 ELSE block + 1200 END)",
        "key": "draw_id",
        "n": sold,
        "k": f"CASE WHEN n = {BIG_RAFFLE} THEN 100 ELSE 1 END",
    }
    yield (
        "raffle_draw_requested",
        f"{drawing.format(**mine)} FROM {raffles} WHERE state IN ('drawing', 'drawn')",
    )
    yield (
        "raffle_vrf_word_accepted",
        f"""
        SELECT {mine["block"]} + 1 AS block_number, 3 AS log_index, n AS draw_id, n AS vrf_request_id, n AS word
        FROM {raffles} WHERE state = 'drawn' OR (state = 'drawing' AND n % 2 = 0)""",
    )
    yield "raffle_draw_finalised", f"{final.format(**mine)} FROM {raffles} WHERE state = 'drawn'"
    yield (
        "raffle_prize_claimed",
        f"""
        SELECT {mine["block"]} + 3 AS block_number, 5 AS log_index, n AS raffle_id, 0 AS rank, pg_temp.who(n) AS winner,
            pg_temp.who(n) AS to_, 5 AS ticket, 0 AS kind, {_ZERO} AS token, 1000000000000000000 AS amount, 0 AS token_id
        FROM {raffles} WHERE state = 'drawn' AND n % 4 <> 0""",
    )
    yield (
        "raffle_proceeds_withdrawn",
        f"""
        SELECT {mine["block"]} + 4 AS block_number, 6 AS log_index, n AS raffle_id, pg_temp.who(n % {ORGANISERS})
            AS organiser,
            CASE WHEN n % 3 = 0 THEN pg_temp.token(1 + n % 5) ELSE {_ZERO} END AS token, 585 AS amount, 15 AS fee,
            pg_temp.who(3) AS treasury
        FROM {raffles} WHERE state = 'drawn' AND n % 50 <> 5 AND n <> {BIG_RAFFLE}""",
    )
    yield (
        "raffle_refunds_opened",
        f"""
        SELECT block + 1200 AS block_number, 7 AS log_index, n AS raffle_id, true AS seed_missing, {sold} AS tickets_sold,
            2 AS min_tickets FROM {raffles} WHERE state = 'refunding'""",
    )
    yield (
        "raffle_entry_refunded",
        f"""
        SELECT block + 1201 + j AS block_number, 8 AS log_index, n AS raffle_id, j AS entry_index, pg_temp.who(j) AS buyer,
            30 AS amount FROM {raffles} CROSS JOIN generate_series(0, 9) j WHERE state = 'refunding'""",
    )
    yield (
        "token_factory_token_created",
        f"""
        SELECT n * 300 AS block_number, 11 AS log_index, pg_temp.token(n) AS token, pg_temp.who(n % {ORGANISERS}) AS creator,
            pg_temp.who(4) AS template, 'Token ' || n AS name, 'T' || n AS symbol, pg_temp.who(n) AS admin,
            pg_temp.who(n) AS recipient, 0 AS cap, 1000 AS initial_supply, pg_temp.hash('salt' || n) AS salt,
            1 AS template_id, 3 AS features FROM generate_series(1, {TOKENS}) n""",
    )
    yield (
        "token_transfer",
        f"""
        SELECT 301 + n / 10 AS block_number, (n % 10)::int AS log_index, pg_temp.token({BIG_TOKEN}) AS address,
            {_ZERO} AS from_,
            p.address AS to_, 1000000000000000000000::numeric * (1 + n % 100) AS value
        FROM generate_series(0, {BIG_HOLDERS - 1}) n JOIN person p ON p.number = n""",
    )
    yield (
        "token_transfer",
        f"""
        SELECT 6000 + n AS block_number, 1 AS log_index, pg_temp.token({BIG_TOKEN}) AS address, a.address AS from_,
            b.address AS to_, n AS value
        FROM generate_series(0, 349999) n
        JOIN person a ON a.number = CASE WHEN n % 10 = 0 THEN 0 ELSE (n::bigint * 7919) % {PEOPLE} END
        JOIN person b ON b.number = CASE WHEN n % 10 = 1 THEN 0 ELSE (n::bigint * 104729) % {PEOPLE} END""",
    )
    yield (
        "token_transfer",
        f"""
        SELECT 100 + n * 300 + j * 100 AS block_number, 100 + n AS log_index, t.address, CASE WHEN j < 20
            THEN {_ZERO} ELSE a.address END AS from_,
            b.address AS to_, CASE WHEN j < 20 THEN 1000000 ELSE 1 END AS value
        FROM (SELECT n, pg_temp.token(n) AS address FROM generate_series(2, {TOKENS}) n) t CROSS
            JOIN generate_series(0, 599) j
        JOIN person a ON a.number = (t.n * 31 + j % 20) % {PEOPLE} JOIN person b ON b.number = CASE WHEN j = 21
            THEN 0 ELSE (t.n * 31 + (j * 7) % 20) % {PEOPLE} END
        WHERE 100 + n * 300 + j * 100 <= {HEAD}""",
    )
    yield (
        "token_delegate_changed",
        f"""
        SELECT 7000 + n AS block_number, 20 AS log_index, pg_temp.token({BIG_TOKEN}) AS address, p.address AS delegator,
            {_ZERO} AS from_delegate, q.address AS to_delegate
        FROM generate_series(0, 19999) n JOIN person p ON p.number = n JOIN person q ON q.number = n % 2000""",
    )
    yield (
        "token_delegate_votes_changed",
        f"""
        SELECT 7000 + n AS block_number, 21 AS log_index, pg_temp.token({BIG_TOKEN}) AS address, q.address AS delegate,
            n / 2000 * 1000 * (1 + n % 2000) AS previous_votes, (n / 2000 + 1) * 1000 * (1 + n % 2000) AS new_votes
        FROM generate_series(0, 99999) n JOIN person q ON q.number = n % 2000""",
    )
    yield (
        "vesting_delegate_votes_changed",
        f"""
        SELECT 8000 + n AS block_number, 30 AS log_index, pg_temp.token({BIG_TOKEN}) AS token, q.address AS delegatee,
            n / 500 * 10 AS previous_votes, (n / 500 + 1) * 10 AS new_votes
        FROM generate_series(0, 9999) n JOIN person q ON q.number = n % 500""",
    )
    yield (
        "vesting_plan_created",
        f"""
        SELECT 400 + n AS block_number, 31 AS log_index, n AS plan_id, pg_temp.who(n % 20) AS creator,
            pg_temp.token(1 + n % 10) AS token,
            {START} AS start, 1000 AS cliff, {HEAD * BLOCK_SECONDS * 2} AS duration, 1 AS step, 500 AS start_unlock_bps
        FROM generate_series(1, {PLANS}) n""",
    )
    yield (
        "vesting_granted",
        f"""
        SELECT 1000 + n AS block_number, 32 AS log_index, n AS grant_id, CASE WHEN n % 2 = 0 THEN 1
            ELSE 1 + n % {PLANS} END AS plan_id,
            p.address AS beneficiary, 1000000 AS amount, pg_temp.who(5) AS funder
        FROM generate_series(1, {GRANTS}) n JOIN person p ON p.number = CASE WHEN n % 5 = 0 THEN 0 ELSE n END""",
    )
    yield (
        "vesting_released",
        f"""
        SELECT 20000 + n * 10 + j AS block_number, 33 AS log_index, n AS grant_id, pg_temp.who(n) AS to_, 1000 AS amount,
            1000 * (j + 1) AS total_released FROM generate_series(1, {GRANTS}) n CROSS JOIN generate_series(0, 2) j""",
    )
    yield (
        "vesting_grant_delegated",
        f"""
        SELECT 130000 + n AS block_number, 34 AS log_index, n AS grant_id, {_ZERO} AS from_, pg_temp.who(n % 500) AS to_
        FROM generate_series(1, {GRANTS}) n WHERE n % 3 = 0""",
    )
    yield (
        "governor_quorum_numerator_updated",
        ("SELECT 500 AS block_number, 40 AS log_index, 0 AS old_quorum_numerator, 4 AS new_quorum_numerator"),
    )
    yield (
        "governor_proposal_created",
        f"""
        SELECT n * 390 AS block_number, 41 AS log_index, n AS proposal_id, pg_temp.who(n % 100) AS proposer,
            '["0x0000000000000000000000000000000000000001"]'::jsonb AS targets, '["0"]'::jsonb AS values,
            '[""]'::jsonb AS signatures,
            '["0x"]'::jsonb AS calldatas, {START} + (n * 390 + 10) * {BLOCK_SECONDS} AS vote_start,
            {START} + (n * 390 + 5000) * {BLOCK_SECONDS} AS vote_end, 'Proposal ' || n || repeat(' with a reason',
            30) AS description
        FROM generate_series(1, {PROPOSALS}) n""",
    )
    yield (
        "governor_vote_cast",
        f"""
        SELECT n * 390 + 20 + j AS block_number, 42 AS log_index, p.address AS voter, n AS proposal_id, (j % 3) AS support,
            1000000000000000000 * (1 + j % 7)::numeric AS weight, 'because' AS reason
        FROM generate_series(1, {PROPOSALS}) n CROSS JOIN generate_series(0, 49) j
            JOIN person p ON p.number = CASE WHEN j = 0 THEN 0 ELSE (n * 50 + j) % {PEOPLE} END
        WHERE n <> {BIG_PROPOSAL}""",
    )
    yield (
        "governor_vote_cast",
        f"""
        SELECT {BIG_PROPOSAL} * 390 + 20 + j / 20 AS block_number, 1000 + j % 20 AS log_index, p.address AS voter,
            {BIG_PROPOSAL} AS proposal_id,
            (j % 3) AS support, 1000 AS weight, '' AS reason FROM generate_series(0, 49999) j
            JOIN person p ON p.number = j""",
    )
    operation = "substr(decode(lpad(to_hex(n), 64, '0'), 'hex'), 1, 32)"
    yield (
        "governor_proposal_queued",
        f"""
        SELECT n * 390 + 5001 AS block_number, 43 AS log_index, n AS proposal_id,
            {START} + (n * 390 + 5100) * {BLOCK_SECONDS} AS eta_seconds
        FROM generate_series(1, {PROPOSALS - 20}) n WHERE n % 5 <> 0""",
    )
    yield (
        "timelock_call_scheduled",
        f"""
        SELECT n * 390 + 5001 AS block_number, 44 AS log_index, {operation} AS id, 0 AS index, pg_temp.who(6)
            AS target, 0 AS value,
            decode('01', 'hex') AS data, decode(repeat('00', 32), 'hex') AS predecessor, 7800 AS delay
        FROM generate_series(1, {PROPOSALS - 20}) n WHERE n % 5 <> 0""",
    )
    yield (
        "timelock_call_executed",
        f"""
        SELECT n * 390 + 5200 AS block_number, 45 AS log_index, {operation} AS id, 0 AS index, pg_temp.who(6)
            AS target, n % 2 AS value,
            decode('01', 'hex') AS data FROM generate_series(1, {PROPOSALS - 40}) n WHERE n % 5 <> 0""",
    )
    yield (
        "governor_proposal_executed",
        f"""
        SELECT n * 390 + 5200 AS block_number, 46 AS log_index, n AS proposal_id FROM generate_series(1,
            {PROPOSALS - 40}) n WHERE n % 5 <> 0""",
    )
    contests = f"(SELECT n, n * 39 AS block FROM generate_series(1, {CONTESTS}) n) c"
    yield (
        "contest_contest_opened",
        f"""
        SELECT block AS block_number, 50 AS log_index, n AS contest_id, pg_temp.who(n % {ORGANISERS}) AS organiser,
            pg_temp.hash('post' || n / 3) AS post_hash,
            pg_temp.hash('key' || n) AS contest_key, pg_temp.hash('root' || n) AS root, 5000 AS entries, 10 AS winners,
            5 AS alternates,
            pg_temp.hash('rules') AS rules_hash, pg_temp.hash('list' || n) AS list_sha256, pg_temp.hash('x')
            AS exclusion_root,
            pg_temp.hash('c' || n) AS commitment, 1 + n % 3 AS draw_number FROM {contests}""",
    )
    own = {"block": "block", "key": "draw_id", "n": "5000", "k": "15"}
    yield "contest_draw_requested", f"{drawing.format(**own)} FROM {contests}"
    yield (
        "contest_vrf_word_accepted",
        f"""
        SELECT block + 1 AS block_number, 3 AS log_index, n AS draw_id, n AS vrf_request_id, n AS word
            FROM {contests} WHERE n % 7 <> 0""",
    )
    yield "contest_draw_finalised", f"{final.format(**own)} FROM {contests} WHERE n <= {CONTESTS - 200}"
    yield (
        "contest_prizes_escrowed",
        f"""
        SELECT block AS block_number, 51 AS log_index, n AS contest_id, pg_temp.who(n % {ORGANISERS}) AS organiser,
            {START} + (block + 3000) * {BLOCK_SECONDS} AS claims_from, (SELECT jsonb_agg(p) FROM generate_series(1,
            10), jsonb_array_elements('{_PRIZES}') p) AS prizes
        FROM {contests} WHERE n % 4 = 0""",
    )
    yield (
        "contest_rank_disqualified",
        f"""
        SELECT block + 100 AS block_number, 52 AS log_index, n AS contest_id, 2 AS rank,
            pg_temp.who(n % {ORGANISERS}) AS organiser, 'no answer' AS reason
        FROM {contests} WHERE n % 10 = 0 AND n <= {CONTESTS - 200}""",
    )
