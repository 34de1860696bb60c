"""Where mail goes: an SMTP server, or without one a folder of .eml files."""

from __future__ import annotations

import asyncio
import os
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from backend.jobs.errors import PermanentError
from backend.settings import Settings

SMTP_SECONDS = 20.0
PERMANENT = range(500, 600)


class RecipientRefusedError(PermanentError):
    """Nobody has this address."""


async def send(settings: Settings, name: str, message: EmailMessage) -> None:
    """Hand the message over. Sent twice it is the same file, or the same Message-ID.

    Raises PermanentError when the server will never take it; anything else may pass (RFC 5321, 4.2.1).
    """
    if settings.smtp_host:
        await _smtp(settings, message)
    else:
        await asyncio.to_thread(_write, settings.mail_dir, name, bytes(message))


async def _smtp(settings: Settings, message: EmailMessage) -> None:
    try:
        await aiosmtplib.send(
            message,
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user or None,
            password=settings.smtp_password.get_secret_value() or None,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
            timeout=SMTP_SECONDS,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = [refused.code for refused in error.recipients]
        if all(code in PERMANENT for code in codes):
            raise RecipientRefusedError(f"the mail server refuses the recipient ({codes[0]})") from None
        raise
    except aiosmtplib.SMTPAuthenticationError as error:
        # Ours to put right, not the mail's fault: it waits.
        raise ConnectionError(f"the mail server refuses our user or password ({error.code})") from None
    except aiosmtplib.SMTPResponseException as error:
        if error.code in PERMANENT:
            raise PermanentError(f"the mail server refuses the mail ({error.code})") from None
        raise


def _write(folder: Path, name: str, content: bytes) -> None:
    """Whole or not at all: a reader of the folder never sees half a mail."""
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f".{name}.{os.getpid()}"
    half.write_bytes(content)
    half.replace(folder / f"{name}.eml")
