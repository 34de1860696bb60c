"""Judging a proof of any way, in one place for sign-in and step-up."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.factors import passkeys, recovery, totp
from backend.factors.notices import tell
from backend.factors.relying_party import relying_party
from backend.factors.schemas import PasskeyProof, Proof, RecoveryCodeProof, TotpProof
from backend.factors.ways import Way
from backend.services import Services


async def prove(db: AsyncSession, services: Services, user_id: UUID, proof: Proof) -> Way:
    """Use the proof up; returns its way. Raises ProofWrong, CodesThrottled, ServiceUnavailable.

    Only codes of an authenticator app are throttled: they are short enough to guess. A passkey or a recovery code
    always counts, so nobody who guesses can keep the owner out.
    """
    match proof:
        case TotpProof():
            await totp.use(db, services.kms, user_id, proof.code)
        case RecoveryCodeProof():
            left = await recovery.use(db, user_id, proof.code)
            await tell(db, user_id, "factor.recovery_code_used", left=str(left))
        case PasskeyProof():
            await passkeys.use(db, relying_party(services.settings), user_id, proof.credential)
    return proof.way
