"""What the routes of second factors take and answer. Credentials have the names that browsers give them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.factors.ways import Way

Base64Url = Annotated[str, StringConstraints(max_length=16_384, pattern=r"^[A-Za-z0-9_-]*={0,2}$")]
CredentialId = Annotated[str, StringConstraints(min_length=1, max_length=1_400, pattern=r"^[A-Za-z0-9_-]+$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
_CREDENTIAL_ID = "ZDLd5p0aAKw3dMXfmkzu8g"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _FromBrowser(BaseModel):
    """Browsers add members; those that nobody here reads are left out."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class AttestationAnswer(_FromBrowser):
    """What a new passkey says of itself."""

    client_data_json: Base64Url = Field(alias="clientDataJSON", examples=["eyJ0eXBlIjoid2ViYXV0aG4u…"])
    attestation_object: Base64Url = Field(alias="attestationObject", examples=["o2NmbXRkbm9uZWdhdHRT…"])
    transports: list[str] = Field(default=[], max_length=10, examples=[["internal", "hybrid"]])


class NewCredential(_FromBrowser):
    """`RegistrationResponseJSON` of WebAuthn Level 3."""

    id: CredentialId = Field(examples=[_CREDENTIAL_ID])
    raw_id: CredentialId = Field(alias="rawId", examples=[_CREDENTIAL_ID])
    type: Literal["public-key"]
    response: AttestationAnswer


class AssertionAnswer(_FromBrowser):
    """What a passkey signs."""

    client_data_json: Base64Url = Field(alias="clientDataJSON", examples=["eyJ0eXBlIjoid2ViYXV0aG4u…"])
    authenticator_data: Base64Url = Field(alias="authenticatorData", examples=["SZYN5YgOjGh0NBcPZHZg…"])
    signature: Base64Url = Field(examples=["MEUCIQDx…"])
    user_handle: Base64Url | None = Field(
        default=None, alias="userHandle", examples=["EAAAAAAAAAAAAAAAAAAAAA"]
    )


class AssertedCredential(_FromBrowser):
    """`AuthenticationResponseJSON` of WebAuthn Level 3."""

    id: CredentialId = Field(examples=[_CREDENTIAL_ID])
    raw_id: CredentialId = Field(alias="rawId", examples=[_CREDENTIAL_ID])
    type: Literal["public-key"]
    response: AssertionAnswer


class TotpProof(_Body):
    """The code that an authenticator app shows."""

    way: Literal["totp"]
    code: str = Field(pattern=r"^[0-9]{6}$", examples=["492039"])


class RecoveryCodeProof(_Body):
    """One of the recovery codes; hyphens and case do not matter."""

    way: Literal["recovery_code"]
    code: str = Field(min_length=16, max_length=40, examples=["MFRG-GZDF-MZTW-Q2LK"])


class PasskeyProof(_Body):
    """A passkey's answer to options that were asked for a moment ago."""

    way: Literal["passkey"]
    credential: AssertedCredential


Proof = Annotated[TotpProof | RecoveryCodeProof | PasskeyProof, Field(discriminator="way")]
Ticket = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class TicketIn(_Body):
    """The ticket of `second_factor_required`."""

    ticket: Ticket = Field(examples=["wN3V0b1wq8D0t1p1Uq3m2h4cKf6sZx7yRb9vTn5jLgE"])


class SecondFactorIn(TicketIn):
    """The ticket, and the proof."""

    proof: Proof


class ProofIn(_Body):
    """A proof by second factor."""

    proof: Proof


class PasskeySignInIn(_Body):
    """A passkey's answer to the options of a sign-in."""

    credential: AssertedCredential


class PasskeyIn(_Body):
    """A new passkey, and what to call it."""

    name: Name = Field(examples=["My phone"])
    credential: NewCredential


class TotpCodeIn(_Body):
    """The code that the app shows after the secret was entered."""

    code: str = Field(pattern=r"^[0-9]{6}$", examples=["492039"])


class OptionsOut(BaseModel):
    """What the browser's `navigator.credentials` is to be given, as WebAuthn's JSON form."""

    public_key: dict[str, Any] = Field(
        examples=[{"challenge": "dGhpcnR5LXR3byByYW5kb20gYnl0ZXM", "rpId": "tombola.example"}]
    )


class TotpSecretOut(BaseModel):
    """The secret for an authenticator app, shown this once."""

    secret: str = Field(description="base32", examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"])
    otpauth_uri: str = Field(
        description="For a QR code",
        examples=["otpauth://totp/Tombola:ada%40example.org?secret=JBSWY3DPEHPK3PXP&issuer=Tombola"],
    )


class RecoveryCodesOut(BaseModel):
    """Codes that work once each, shown this once; `null` where the account has some already."""

    recovery_codes: list[str] | None = Field(examples=[["MFRG-GZDF-MZTW-Q2LK"]])


class PasskeyOut(BaseModel):
    """A passkey; its key never leaves its authenticator."""

    id: UUID
    name: str = Field(examples=["My phone"])
    created_at: datetime
    last_used_at: datetime | None


class PasskeyMadeOut(RecoveryCodesOut):
    """The new passkey, and recovery codes where it is the first factor."""

    passkey: PasskeyOut


class FactorsOut(BaseModel):
    """The second factors of the account. `ways`: with what it can prove itself."""

    ways: list[Way] = Field(examples=[["passkey", "recovery_code"]])
    totp_since: datetime | None = Field(description="When the authenticator app was confirmed")
    passkeys: list[PasskeyOut]
    recovery_codes_left: int = Field(examples=[10])
