"""What a message has to say to link a wallet here and now. Whatever it says besides is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backend.factors.relying_party import RelyingParty
from backend.links.message import Message

STATEMENT = "Link this wallet to my Tombola account."
CLOCK_SKEW = timedelta(minutes=1)


@dataclass(frozen=True)
class Expectation:
    """Whose message, for which site and chain, judged when; `nonce_issued_at` is our clock's."""

    site: RelyingParty
    chain_id: int
    user_id: UUID
    now: datetime
    nonce_issued_at: datetime

    def fault(self, message: Message) -> str | None:
        """Why the message is not acceptable; None when it is."""
        return self._wrong_place(message) or self._wrong_purpose(message) or self._wrong_time(message)

    def _wrong_place(self, message: Message) -> str | None:
        site = self.site
        if message.domain != site.domain:
            return f"it is for {message.domain}, not for {site.domain}"
        if message.scheme is not None and f"{message.scheme}://{message.domain}" != site.origin:
            return f"its scheme is {message.scheme}, and this site is {site.origin}"
        if message.uri != site.origin and not message.uri.startswith(f"{site.origin}/"):
            return f"its URI {message.uri} is not of {site.origin}"
        if message.chain_id != self.chain_id:
            return f"it is for chain {message.chain_id}, not for chain {self.chain_id}"
        return None

    def _wrong_purpose(self, message: Message) -> str | None:
        if message.statement != STATEMENT:
            return f"its statement is not “{STATEMENT}”"
        if message.request_id != str(self.user_id):
            return "its request id is not your account's"
        if message.resources:
            return "it names resources, which linking has no use for"
        return None

    def _wrong_time(self, message: Message) -> str | None:
        if message.issued_at > self.now + CLOCK_SKEW:
            return "it is issued in the future; check the clock"
        if message.issued_at < self.nonce_issued_at - CLOCK_SKEW:
            return "it is older than its nonce"
        if message.expires_at is not None and message.expires_at <= self.now:
            return "it has expired"
        if message.not_before is not None and message.not_before > self.now:
            return "it is not valid yet"
        return None
