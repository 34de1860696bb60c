"""Amounts as people write them, in whole tokens, and as chains count them, in the smallest unit: exactly."""

import re

_WRITTEN = re.compile(r"(\d{1,60})(?:\.(\d{1,60}))?", re.ASCII)


class AmountError(ValueError):
    """Text that is no exact amount; the message says why and what to write."""


def parse_amount(text: str, decimals: int) -> int:
    """`"1.5"` with 18 decimals is 15·10¹⁷. Raises AmountError for signs, exponents, commas and lost digits."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise AmountError(f"{text!r} is no amount: write digits with a point, such as 1250 or 0.5")
    before, after = found[1], (found[2] or "").rstrip("0")
    if len(after) > decimals:
        raise AmountError(f"{text!r} has {len(after)} decimals, the token has {decimals}: write fewer")
    return int(before + after.ljust(decimals, "0"))


def tell_amount(amount: int, decimals: int) -> str:
    """The inverse, without zeros at the end: 15·10¹⁷ with 18 decimals is `1.5`."""
    digits = str(amount).rjust(decimals + 1, "0")
    before, after = digits[: len(digits) - decimals], digits[len(digits) - decimals :].rstrip("0")
    return f"{int(before):,}{'.' if after else ''}{after}"


__all__ = ["AmountError", "parse_amount", "tell_amount"]
