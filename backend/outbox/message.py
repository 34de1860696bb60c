"""A mail as it travels (RFC 5322): nothing a person typed can become a header."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage, Message
from email.policy import SMTP, Policy
from email.utils import format_datetime
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from backend.outbox.templates import Content


def check_recipient(text: str) -> Address:
    """The address; raises ValueError for text that is no single plain mail address."""
    try:
        found = validate_email(
            text, check_deliverability=False, globally_deliverable=False, test_environment=True
        )
    except EmailNotValidError as error:
        raise ValueError(f"not a mail address: {error}") from None
    return Address("", found.local_part, found.ascii_domain)


class _OneLine(UnstructuredHeader, BaseHeader):
    """A header that is never folded: a URL that is broken into encoded words is no URL to mail programs."""

    def fold(self, *, policy: Policy[Message[str, str]]) -> str:
        """As it is."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _OneLine)


def build(
    mail_id: UUID,
    sender: str,
    recipient: str,
    content: Content,
    created_at: datetime,
    unsubscribe: str | None = None,
) -> EmailMessage:
    """The message. Date and Message-ID are the row's, so that a repeated one is recognised as the same.

    `unsubscribe`: where a POST ends such mails (RFC 8058).
    """
    message = EmailMessage(policy=SMTP.clone(utf8=not recipient.isascii(), header_factory=_HEADERS))
    from_address = check_recipient(sender)
    message["From"] = Address("Tombola", from_address.username, from_address.domain)
    message["To"] = check_recipient(recipient)
    message["Subject"] = content.subject
    message["Date"] = format_datetime(created_at)
    message["Message-ID"] = f"<{mail_id}@{from_address.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if unsubscribe is not None:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(content.text)
    message.add_alternative(content.html, subtype="html")
    return message
