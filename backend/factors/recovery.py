"""Recovery codes: ten codes of 80 random bits for the day the other factors are lost. Each works once."""

from __future__ import annotations

import base64
import hashlib
import secrets
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.factors.errors import NoSecondFactor, ProofWrong
from backend.factors.tables import RecoveryCode
from backend.factors.ways import second_factors

COUNT = 10
_BYTES = 10
_GROUP = 4


async def replace(db: AsyncSession, user_id: UUID) -> list[str]:
    """Ten new codes, to be shown once; the old ones end. Raises NoSecondFactor."""
    if not await second_factors(db, user_id):
        raise NoSecondFactor("Set up a passkey or an authenticator app first: alone, codes protect nothing.")
    await clear(db, user_id)
    codes = [_new() for _ in range(COUNT)]
    db.add_all(RecoveryCode(user_id=user_id, code_hash=_hash(user_id, code)) for code in codes)
    await db.flush()
    return codes


async def give_first(db: AsyncSession, user_id: UUID) -> list[str] | None:
    """Codes for somebody who has none; None for somebody who has."""
    return None if await left(db, user_id) else await replace(db, user_id)


async def use(db: AsyncSession, user_id: UUID, code: str) -> int:
    """Use up a code; returns how many are left. Of two uses at once one wins. Raises ProofWrong."""
    used = await db.scalar(
        delete(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.code_hash == _hash(user_id, code))
        .returning(RecoveryCode.user_id)
    )
    if used is None:
        raise ProofWrong("This is no recovery code of the account, or it was used before.")
    return await left(db, user_id)


async def left(db: AsyncSession, user_id: UUID) -> int:
    """How many codes still work."""
    query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user_id)
    return await db.scalar(query) or 0


async def clear(db: AsyncSession, user_id: UUID) -> None:
    """End all codes."""
    await db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def _new() -> str:
    text = base64.b32encode(secrets.token_bytes(_BYTES)).decode()
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def _hash(user_id: UUID, code: str) -> bytes:
    """SHA-256 is enough for 80 random bits; the account is the salt. People type hyphens and case as they like."""
    plain = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(user_id.bytes + plain.encode()).digest()
