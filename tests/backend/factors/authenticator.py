"""A passkey authenticator in software: real CBOR, COSE and signatures, attestation `none`; faults on request."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encode(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One discoverable ES256 credential. The fields after `origin` are what a test may break."""

    rp_id: str
    origin: str
    verifies_user: bool = True
    counts: bool = True
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_handle: bytes = b""

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """`navigator.credentials.create`: a RegistrationResponseJSON."""
        selection = options["authenticatorSelection"]
        assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")
        assert options["rp"]["id"] == self.rp_id
        self.user_handle = decode(options["user"]["id"])
        attested = (
            b"\0" * 16 + struct.pack(">H", len(self.credential_id)) + self.credential_id + self._public_key()
        )
        data = self._authenticator_data(ATTESTED) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._credential(
            attestationObject=encode(statement),
            clientDataJSON=encode(self._client_data("webauthn.create", options)),
            transports=["internal", "telepathy"],
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """`navigator.credentials.get`: an AuthenticationResponseJSON."""
        assert options["userVerification"] == "required"
        allowed = [decode(one["id"]) for one in options["allowCredentials"]]
        assert not allowed or self.credential_id in allowed
        data = self._authenticator_data(0)
        client = self._client_data("webauthn.get", options)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(
            authenticatorData=encode(data),
            clientDataJSON=encode(client),
            signature=encode(signature),
            userHandle=encode(self.user_handle),
        )

    def _credential(self, **response: Any) -> dict[str, Any]:
        name = encode(self.credential_id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }

    def _authenticator_data(self, flags: int) -> bytes:
        if self.counts:
            self.count += 1
        flags |= PRESENT | (VERIFIED if self.verifies_user else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps(
            {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        ).encode()

    def _public_key(self) -> bytes:
        """COSE_Key: EC2, ES256, P-256 (RFC 9053)."""
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        )
