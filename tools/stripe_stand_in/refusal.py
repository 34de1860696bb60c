"""How Stripe refuses: https://docs.stripe.com/api/errors"""

from typing import Any


class Refusal(Exception):  # noqa: N818 - Stripe's answer, not a failure of this program
    """A status with Stripe's error object."""

    def __init__(
        self, message: str, *, status: int = 400, kind: str = "invalid_request_error", code: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.code = code

    @property
    def body(self) -> dict[str, Any]:
        error = {"type": self.kind, "message": str(self)}
        return {"error": error | ({"code": self.code} if self.code else {})}


def missing(kind: str, name: str) -> Refusal:
    """Nothing has this id."""
    return Refusal(f"No such {kind}: '{name}'", status=404, code="resource_missing")
