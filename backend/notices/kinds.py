"""The notices that can be ended. What is about an account's safety, or was asked for, always comes."""

from __future__ import annotations

from typing import Literal, get_args

Mutable = Literal["draw_completed", "credits_low", "renewal"]
"""Names of their templates."""
MUTABLE: tuple[Mutable, ...] = get_args(Mutable)
