"""Key files sealed to the operator's certificate: CMS EnvelopedData (RFC 5652), which `openssl cms -decrypt` opens too.

The machine that makes backups has the certificate alone: who steals a backup, or that machine, opens no wallet.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key, pkcs7

from backend.backup.settings import BackupError

SEALED, CERTIFICATE = "keys.p7m", "certificate.pem"
LEAST_BITS = 2048


def read_certificate(path: Path) -> x509.Certificate:
    """The operator's certificate; raises BackupError where it is none, or none of RSA."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BackupError(f"BACKUP_CERTIFICATE {str(path)!r} is no PEM certificate: {error}.") from None
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_BITS:
        raise BackupError(
            f"BACKUP_CERTIFICATE {str(path)!r} must be of an RSA key with at least {LEAST_BITS} bits."
        )
    return certificate


def seal(files: Mapping[str, Path], certificate: x509.Certificate, folder: Path) -> None:
    """Write the contents of `files` (by the variable that names each) into `folder`, sealed, with the certificate."""
    contents = {}
    for name, path in files.items():
        try:
            contents[name] = path.read_text()
        except OSError as error:
            raise BackupError(f"{name} {str(path)!r} cannot be read: {error.strerror}.") from None
    sealed = (
        pkcs7.PKCS7EnvelopeBuilder()
        .set_data(json.dumps(contents).encode())
        .add_recipient(certificate)
        .set_content_encryption_algorithm(algorithms.AES256)
        .encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    )
    (folder / SEALED).write_bytes(sealed)
    (folder / CERTIFICATE).write_bytes(certificate.public_bytes(Encoding.PEM))


def unseal(folder: Path, key_file: Path, password: bytes | None, into: Path) -> list[Path]:
    """Open the keys of a backup's folder into `into`, a file each with mode 0600; returns them.

    Raises BackupError: no keys, another key than the certificate's, a file there that says something else.
    """
    if not (folder / SEALED).exists():
        raise BackupError(f"{folder} holds no keys: BACKUP_CERTIFICATE was not set when it was made.")
    certificate = read_certificate(folder / CERTIFICATE)
    try:
        key = load_pem_private_key(key_file.read_bytes(), password)
    except (OSError, TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise BackupError(f"The private key {str(key_file)!r} cannot be read: {error}.") from None
    if not isinstance(key, RSAPrivateKey) or _public(key.public_key()) != _public(certificate.public_key()):
        raise BackupError(
            f"{str(key_file)!r} is another key: these keys were sealed for the certificate "
            f"{certificate.subject.rfc4514_string() or 'without a name'}, serial {certificate.serial_number:x}."
        )
    try:
        opened = pkcs7.pkcs7_decrypt_der((folder / SEALED).read_bytes(), certificate, key, [])
        contents: dict[str, str] = json.loads(opened)
    except ValueError as error:
        raise BackupError(f"{folder / SEALED} is damaged: {error}.") from None
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    return [_put(into / name.lower(), text) for name, text in contents.items()]


def _public(key: object) -> bytes:
    if not isinstance(key, RSAPublicKey):
        return b""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _put(path: Path, text: str) -> Path:
    if path.exists():
        if path.read_text() != text:
            raise BackupError(f"{path} is there and says something else: move it away first.")
        return path
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return path
