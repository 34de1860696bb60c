"""What checks found, as a table that ends in one word, and as an exit code that machines understand."""

import sys
from collections.abc import Sequence
from typing import Any

import click
from ape.cli import ConnectedProviderCommand
from ape.exceptions import ApeException

from scripts._evidence import Check

YES, NO, CANNOT_TELL = range(3)
"""Exit codes."""
WORDS = {True: "yes", False: "NO", None: "-"}


class VerdictCommand(ConnectedProviderCommand):
    """Its exit code is a verdict, and a node that cannot be asked is none: `ape` itself would end with 1, that of NO."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ApeException as error:
            click.echo(f"Cannot tell: {error}", err=True)
            sys.exit(CANNOT_TELL)


def verdict(checks: Sequence[Check]) -> int:
    """Print the findings; the exit code, YES or NO."""
    width = max(len(check.name) for check in checks)
    for check in checks:
        click.echo(f"{WORDS[check.holds]:<4} {check.name:<{width}}  {check.detail}")
    failed = [check.name for check in checks if check.holds is False]
    if failed:
        click.echo(f"NO: {', '.join(failed)}")
        return NO
    left = sum(check.holds is None for check in checks)
    click.echo(f"YES: {len(checks) - left} checks hold" + f"; {left} not made" * bool(left))
    return YES


__all__ = ["CANNOT_TELL", "NO", "VerdictCommand", "verdict"]
