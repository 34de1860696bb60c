"""Vesting by the list: `ape run vesting <step> … --network <choice> --account <alias>`.

The steps are create, import, status, release and revoke. `import` shows the totals first, sends in batches, and can be
stopped anywhere: run again, it grants the rest and nothing twice. docs/scripts.md tells the columns and shows each step.
"""

from pathlib import Path

import click

from scripts._amounts import parse_amount
from scripts._desk import Desk, GasPart, command
from scripts._given import DeskError, address_of, seconds_of, when
from scripts._vesting import Vesting
from scripts._vesting_import import Import
from scripts._vesting_list import read_list

PlanNumber = click.argument("plan", type=click.IntRange(1))
Grants = click.option(
    "--grant", "grants", type=click.IntRange(0), multiple=True, help="Index in the plan; may be repeated."
)


@click.group()
def cli() -> None:
    """Plans and grants: a whole list at once, and what has become of it."""


@command(
    cli,
    "Vesting",
    click.option("--token", required=True, help="ERC-20 that is vested."),
    click.option("--start", required=True, help="Unix seconds, or a time such as 2027-01-01T00:00:00+00:00."),
    click.option("--cliff", type=click.IntRange(0), default=0, help="Seconds after start; 0 by default."),
    click.option(
        "--duration", type=click.IntRange(1), required=True, help="Seconds after which all is vested."
    ),
    click.option(
        "--step", type=click.IntRange(1), default=1, help="Seconds between increases; 1 by default."
    ),
    click.option(
        "--start-unlock-bps",
        type=click.IntRange(0, 10_000),
        default=0,
        help="Unlocked at start, basis points.",
    ),
    sends=True,
)
def create(
    desk: Desk, token: str, start: str, cliff: int, duration: int, step: int, start_unlock_bps: int
) -> None:
    """Make a plan of this curve, unless the account has one without grants."""
    curve = (seconds_of(start, "--start"), cliff, duration, step, start_unlock_bps)
    Vesting(desk).create(address_of(token, "--token"), curve)


@command(
    cli,
    "Vesting",
    click.argument("file", type=click.Path(path_type=Path)),
    click.option("--plan", "plan_id", type=click.IntRange(1), required=True, help="The plan's number."),
    click.option(
        "--after", type=click.IntRange(0), default=0, help="Grants that the plan had before the list."
    ),
    click.option("--total", help="What the list must come to, in whole tokens; else it is refused."),
    click.option("--repeats", is_flag=True, help="An address may stand in more than one line."),
    GasPart,
    sends=True,
)
def import_(
    desk: Desk, file: Path, plan_id: int, after: int, total: str | None, repeats: bool, gas_part: int
) -> None:
    """Grant what FILE lists and the plan does not have yet: columns beneficiary, amount (whole tokens), kind."""
    plan = Vesting(desk).plan(plan_id)
    ours = {desk.known("Vesting").address, plan.token.address}
    rows = read_list(file, plan.token.decimals, repeats=repeats, forbidden=ours)
    if total is not None and parse_amount(total, plan.token.decimals) != sum(row.amount for row in rows):
        found = plan.token.tell(sum(row.amount for row in rows))
        raise DeskError(f"The list comes to {found}, --total says {total}: correct the one that is wrong.")
    wanted = Import(desk, plan, rows, after=after, gas_part=gas_part)
    for line in wanted.lines():
        desk.say(line)
    if wanted.done() < len(rows):
        desk.agree()
        wanted.run()


@command(cli, "Vesting", PlanNumber, Grants)
def status(desk: Desk, plan: int, grants: tuple[int, ...]) -> None:
    """What PLAN is, and how far it is; with --grant, those grants one by one."""
    vesting = Vesting(desk)
    found = vesting.plan(plan)
    standings = vesting.standings(found, grants)
    for line in found.lines():
        desk.say(line)
    tell = found.token.tell
    amount, released, returned, releasable = (
        sum(getattr(one, name) for one in standings)
        for name in ("amount", "released", "returned", "releasable")
    )
    desk.say(f"at          {when(desk.now)}, block {desk.chain.head}")
    desk.say(f"grants      {len(standings)}{' asked for' if grants else ''}, {tell(amount)}")
    desk.say(
        f"vested      {tell(released + releasable)}: {tell(released)} released, {tell(releasable)} not yet"
    )
    desk.say(f"revoked     {sum(one.stops_at > 0 for one in standings)} grants, {tell(returned)} returned")
    desk.say(f"to vest     {tell(amount - returned - released - releasable)}")
    for one in standings if grants else ():
        ended = f", revoked, stops at {when(one.stops_at)}" if one.stops_at else ""
        desk.say(
            f"grant {one.index:<6}{one.beneficiary}: {tell(one.amount)}, {tell(one.released)} released, "
            f"{tell(one.releasable)} due{ended}"
        )


@command(cli, "Vesting", PlanNumber, Grants, GasPart, sends=True)
def release(desk: Desk, plan: int, grants: tuple[int, ...], gas_part: int) -> None:
    """Pay out what is vested of PLAN, to its beneficiaries; with --grant only of those."""
    vesting = Vesting(desk)
    vesting.release(vesting.plan(plan), grants, gas_part)


@command(
    cli,
    "Vesting",
    PlanNumber,
    Grants,
    click.option("--at", help="A time to come at which they stop; now by default."),
    sends=True,
)
def revoke(desk: Desk, plan: int, grants: tuple[int, ...], at: str | None) -> None:
    """End grants of PLAN, which have to be named: what will not be vested returns to the plan's creator."""
    if not grants:
        raise DeskError("Say which grants end: --grant INDEX, once for each.")
    vesting = Vesting(desk)
    vesting.revoke(vesting.plan(plan), grants, None if at is None else seconds_of(at, "--at"))
