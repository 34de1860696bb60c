"""The vesting curve in integers, equal to `contracts/vesting/VestingCurve.sol` to the last unit."""

from collections.abc import Sequence
from dataclasses import dataclass

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Curve:
    """A plan's curve: `start` in Unix seconds; cliff, duration and step in seconds."""

    start: int
    cliff: int
    duration: int
    step: int
    start_unlock_bps: int


def vested(curve: Curve, amount: int, time: int) -> int:
    """Vested of `amount` at `time` (Unix seconds), in the token's smallest unit, rounded down.

    Nothing before `start`; the start unlock until `start + cliff`; all from `start + duration`; in between
    the rest grows linearly with the whole steps that have passed since `start`.
    """
    if time < curve.start:
        return 0
    elapsed = time - curve.start
    if elapsed >= curve.duration:
        return amount
    unlocked = amount * curve.start_unlock_bps // BASIS_POINTS
    if elapsed < curve.cliff:
        return unlocked
    if curve.step > 1:
        elapsed -= elapsed % curve.step
    return unlocked + (amount - unlocked) * elapsed // curve.duration


def vested_by_tranches(tranches: Sequence[tuple[int, int]], amount: int, time: int) -> int:
    """Vested by dated tranches: each is (Unix seconds, basis points vested in all from then on)."""
    return amount * max((bps for at, bps in tranches if at <= time), default=0) // BASIS_POINTS
