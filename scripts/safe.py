"""What a Safe does, without any service: `ape run safe <step> FILE … --network <choice>`.

The steps are build, show, sign and execute. FILE is passed from owner to owner; Safe's own Transaction Builder reads it too.
docs/safe.md tells the whole way.
"""

from pathlib import Path

import click

from scripts import _safe_acts
from scripts._desk import Desk, command
from scripts._proposal import ProposalError, read_proposal

VESTING = "Vesting"
"""By its address a registry is known to be the chain's."""
A_PATH = click.Path(path_type=Path)
File = click.argument("file", type=A_PATH)
Copies = click.argument("files", nargs=-1, required=True, type=A_PATH)


@click.group()
def cli() -> None:
    """Build, show, sign and execute a Safe's transaction."""


@command(
    cli,
    VESTING,
    click.argument("calls", type=A_PATH),
    File,
    click.option("--safe", required=True, help="The Safe that is to do it."),
    click.option("--nonce", type=click.IntRange(0), help="A later one than the Safe's next."),
    click.option("--cancels", is_flag=True, help="CALLS is a proposal that the Safe, the guardian, cancels."),
)
def build(desk: Desk, calls: Path, file: Path, safe: str, nonce: int | None, cancels: bool) -> None:
    """Write FILE from CALLS, a file of calls as of `ape run governance`."""
    if file.exists():
        raise ProposalError(f"{file} is there already: name another file, or remove it.")
    what = read_proposal(calls, desk.registry)
    built = _safe_acts.build_file(desk, safe, _safe_acts.cancelling(desk, what) if cancels else what, nonce)
    _safe_acts.tell(desk, built)
    built.write(file)
    desk.say(f"Written. Next: ape run safe sign {file}")


@command(cli, VESTING, Copies)
def show(desk: Desk, files: tuple[Path, ...]) -> None:
    """What FILES do, one transaction with all its signatures, and who has signed."""
    _safe_acts.tell(desk, _safe_acts.read_files(files))


@command(cli, VESTING, File, sends=True)
def sign(desk: Desk, file: Path) -> None:
    """Sign FILE as an owner; the signature is kept in it, nothing is sent."""
    _safe_acts.sign(desk, file)


@command(cli, VESTING, Copies, sends=True)
def execute(desk: Desk, files: tuple[Path, ...]) -> None:
    """Have the Safe do what enough owners have signed."""
    _safe_acts.execute(desk, _safe_acts.read_files(files))
