"""Commands of daily work in this process: faster than `ape run`, with the same command, options and chain."""

import importlib
from typing import Any

from click.testing import CliRunner

from tests.scripts.world import World


def run(
    world: World, script: str, *arguments: Any, account: int | None = None, ask: str | None = None
) -> tuple[int, str]:
    """Exit code and output of `ape run <script> <arguments>` on the world's chain."""
    given = [str(argument) for argument in arguments]
    given += ["--network", world.network]
    if account is not None:
        given += ["--account", f"TEST::{account}"]
    cli = importlib.import_module(f"scripts.{script}").cli
    result = CliRunner().invoke(cli, given, env=world.env, input=ask)
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
