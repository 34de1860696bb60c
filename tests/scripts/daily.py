"""Commands of daily work in this process: faster than `ape run`, with the same command, options and chain."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from eth_utils.address import to_checksum_address

from listener.chain.draw.hashing import keccak
from tests.scripts.world import World

WEI = 10**18
Grants = list[tuple[str, int]]
"""Beneficiary and amount in whole tokens."""


def run(
    world: World, script: str, *arguments: Any, account: int | None = None, ask: str | None = None
) -> tuple[int, str]:
    """Exit code and output of `ape run <script> <arguments>` on the world's chain."""
    given = [*arguments, "--network", world.network]
    if account is not None:
        given += ["--account", f"TEST::{account}"]
    return invoke(script, *given, env=world.env, ask=ask)


def invoke(script: str, *arguments: Any, env: Mapping[str, str], ask: str | None = None) -> tuple[int, str]:
    """The same on any chain, with all options given."""
    cli = importlib.import_module(f"scripts.{script}").cli
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments], env=env, input=ask)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def done(world: World, script: str, *arguments: Any, account: int | None = None) -> str:
    """The output of a command that has to go well."""
    code, output = run(world, script, *arguments, account=account)
    assert code == 0, output
    return output


def refused(world: World, script: str, *arguments: Any, account: int | None = None) -> str:
    """The output of a command that has to be refused."""
    code, output = run(world, script, *arguments, account=account)
    assert code == 1, output
    return output


def people(count: int, salt: str = "") -> list[str]:
    return [to_checksum_address(keccak(f"{salt}{number}".encode())[12:]) for number in range(count)]


def listed(tmp_path: Path, rows: Grants, kinds: tuple[str, ...] = ("team", "adviser")) -> Path:
    """A file with these grants; amounts in whole tokens."""
    file = tmp_path / "plan.csv"
    lines = [f"{who},{amount},{kinds[at % len(kinds)]}" for at, (who, amount) in enumerate(rows)]
    file.write_text("\n".join(["beneficiary,amount,kind", *lines, ""]))
    return file


def granted(world: World, plan: int) -> Grants:
    """What the contract holds, asked by itself."""
    count = world.view("Vesting", "planOf", plan)[2]
    found = [world.view("Vesting", "grantOf", plan << 64 | index) for index in range(count)]
    return [(to_checksum_address(one[0]), one[1] // WEI) for one in found]
