"""Tokens from the command line: `ape run token <step> … --network <choice> --account <alias>`.

The steps are create, status, mint, burn, pause and unpause. `create` makes nothing twice: the same wishes of the same
account are the same address. docs/scripts.md shows each.
"""

from pathlib import Path

import click
from eth_utils.crypto import keccak

from scripts._amounts import parse_amount
from scripts._deployment import ZERO_ADDRESS
from scripts._desk import Desk, command
from scripts._given import DeskError, address_of, seconds_of
from scripts._token import DECIMALS, FEATURES, Tokens, Wanted
from scripts._vesting_list import read_list

TokenAddress = click.argument("token")


@click.group()
def cli() -> None:
    """Launch a token, look at one, and do what its roles allow."""


@command(
    cli,
    "TokenFactory",
    click.option("--name", required=True, help="1 to 64 bytes."),
    click.option("--symbol", required=True, help="1 to 32 bytes."),
    click.option("--supply", required=True, help="Whole tokens, made at once."),
    click.option("--cap", default="0", help="Most that can exist at once, whole tokens; 0 for no cap."),
    click.option("--recipient", help="Who gets the supply; the account by default."),
    click.option("--admin", help="Who gives and takes roles; nobody by default."),
    click.option(
        "--feature", "features", type=click.Choice(list(FEATURES)), multiple=True, help="May be repeated."
    ),
    click.option("--plain", is_flag=True, help="A fixed supply, no votes, nobody's roles."),
    click.option("--salt", default="", help="Any text; another one makes another token of the same wishes."),
    click.option(
        "--vest", type=click.Path(path_type=Path), help="List of grants, paid from the supply at once."
    ),
    click.option("--start", help="Vesting: Unix seconds, or a time such as 2027-01-01T00:00:00+00:00."),
    click.option("--cliff", type=click.IntRange(0), default=0, help="Vesting: seconds after start."),
    click.option("--duration", type=click.IntRange(1), help="Vesting: seconds after which all is vested."),
    click.option("--step", type=click.IntRange(1), default=1, help="Vesting: seconds between increases."),
    click.option("--start-unlock-bps", type=click.IntRange(0, 10_000), default=0, help="Vesting: at start."),
    click.option("--repeats", is_flag=True, help="Vesting: an address may stand in more than one line."),
    sends=True,
)
def create(
    desk: Desk,
    name: str,
    symbol: str,
    supply: str,
    cap: str,
    recipient: str | None,
    admin: str | None,
    features: tuple[str, ...],
    plain: bool,
    salt: str,
    vest: Path | None,
    start: str | None,
    cliff: int,
    duration: int | None,
    step: int,
    start_unlock_bps: int,
    repeats: bool,
) -> None:
    """Make a token through the factory, with a list of grants in the same transaction if one is given."""
    curve = None
    if vest is not None:
        if start is None or duration is None:
            raise DeskError("--vest needs --start and --duration: when the grants vest.")
        curve = (seconds_of(start, "--start"), cliff, duration, step, start_unlock_bps)
    wanted = Wanted(
        name=name,
        symbol=symbol,
        admin=ZERO_ADDRESS if admin is None else address_of(admin, "--admin"),
        recipient=desk.me if recipient is None else address_of(recipient, "--recipient"),
        cap=parse_amount(cap, DECIMALS),
        supply=parse_amount(supply, DECIMALS),
        features=tuple(dict.fromkeys(features)),
        plain=plain,
        salt=keccak(text=salt) if salt else bytes(32),
        curve=curve,
    )
    vesting = desk.known("Vesting").address
    Tokens(desk).create(
        wanted,
        None
        if vest is None
        else lambda token: read_list(vest, DECIMALS, repeats=repeats, forbidden={token, vesting}),
    )


@command(cli, "TokenFactory", TokenAddress)
def status(desk: Desk, token: str) -> None:
    """What TOKEN is, how much there is of it, and who may do what."""
    for line in Tokens(desk).lines(address_of(token, "TOKEN")):
        desk.say(line)


@command(cli, "TokenFactory", TokenAddress, click.argument("to"), click.argument("amount"), sends=True)
def mint(desk: Desk, token: str, to: str, amount: str) -> None:
    """Make AMOUNT of TOKEN (whole tokens) for TO: minters and the admin."""
    units = parse_amount(amount, DECIMALS)
    Tokens(desk).act(address_of(token, "TOKEN"), "mint", address_of(to, "TO"), units)


@command(cli, "TokenFactory", TokenAddress, click.argument("amount"), sends=True)
def burn(desk: Desk, token: str, amount: str) -> None:
    """Destroy AMOUNT of the account's own TOKEN (whole tokens)."""
    Tokens(desk).act(address_of(token, "TOKEN"), "burn", parse_amount(amount, DECIMALS))


@command(cli, "TokenFactory", TokenAddress, sends=True)
def pause(desk: Desk, token: str) -> None:
    """Stop all moves of TOKEN: pausers and the admin."""
    Tokens(desk).act(address_of(token, "TOKEN"), "pause")


@command(cli, "TokenFactory", TokenAddress, sends=True)
def unpause(desk: Desk, token: str) -> None:
    """Let TOKEN move again: pausers and the admin."""
    Tokens(desk).act(address_of(token, "TOKEN"), "unpause")
