"""The roles an account can have. Everybody is a user; the other roles add to that."""

from __future__ import annotations

from typing import Literal

Role = Literal["user", "organiser", "support", "admin"]
