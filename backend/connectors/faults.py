"""What may go wrong at a platform, in words that an organiser can read. Nothing in them is secret."""

from __future__ import annotations


class Fault(Exception):
    """`code` is stable, `detail` a sentence for people: what happened, and what to do."""

    code = "unexpected_answer"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Wait(Fault):
    """The platform's limit is reached: the same works after `seconds`."""

    code = "rate_limited"

    def __init__(self, detail: str, seconds: float) -> None:
        super().__init__(detail)
        self.seconds = max(1.0, seconds)


class Away(Fault):
    """No answer, a broken one, or the platform's own failure: the same may work a moment later."""

    code = "platform_away"


class AccessEnded(Fault):
    """The platform does not accept the access any more: expired, revoked, password changed."""

    code = "access_ended"


class NotAllowed(Fault):
    """The access does not cover this: a permission was not given, or the platform sells it separately."""

    code = "not_allowed"


class PostGone(Fault):
    """The post was deleted, is private, or is not one that this account may read."""

    code = "post_gone"


class CursorLost(Fault):
    """The platform forgot where we were: begin at the first page again."""

    code = "cursor_lost"


class LinkUnknown(Fault):
    """What was given is no link to a post of this platform, nor a post's id."""

    code = "link_unknown"
