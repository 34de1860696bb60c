"""Which key service KMS_URL names.

(empty)                                        the file KMS_FILE
awskms:///KEY?region=eu-central-1              AWS KMS; KEY is an id, an ARN or alias/NAME
vault+https://HOST:8200/MOUNT/KEY              Vault transit; the token is in VAULT_TOKEN_FILE

`endpoint` may be added to an AWS address. Plain HTTP is for this machine only (Vault's own agent, tests).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, urlsplit

from backend.settings import Settings, SettingsError, is_in_the_open
from backend.wallets.kms.envelope import EnvelopeKms, KmsError
from backend.wallets.kms.file import FileKms
from backend.wallets.kms.vault import VaultKms

if TYPE_CHECKING:
    from backend.wallets.kms.aws import AwsKms


def open_kms(settings: Settings) -> EnvelopeKms:
    """The key service that the settings name; nothing is asked yet. Raises SettingsError."""
    if not settings.kms_url:
        try:
            return FileKms.load(settings.kms_file, create=settings.is_local)
        except KmsError as error:
            raise SettingsError(str(error)) from None
    url = urlsplit(settings.kms_url)
    match url.scheme:
        case "awskms":
            return _aws(url, settings)
        case "vault+https" | "vault+http":
            return _vault(url, settings)
    raise SettingsError(
        f"KMS_URL begins with {url.scheme!r}: use awskms:///KEY?region=…, vault+https://HOST/MOUNT/KEY, "
        "or leave it empty for KMS_FILE."
    )


def _aws(url: SplitResult, settings: Settings) -> AwsKms:
    from backend.wallets.kms.aws import AwsKms  # boto3 takes half a second to import: only who uses it pays

    key = f"{url.netloc}{url.path}".lstrip("/")
    given = {name: values[-1] for name, values in parse_qs(url.query).items()}
    unknown = set(given) - {"region", "endpoint"}
    if not key or unknown:
        raise SettingsError(
            f"KMS_URL {'names no key' if not key else f'has the unknown option {min(unknown)!r}'}: "
            "write awskms:///KEY?region=eu-central-1."
        )
    endpoint = given.get("endpoint")
    if endpoint is not None:
        _require_private(urlsplit(endpoint))
    return AwsKms(key, given.get("region"), endpoint, settings.kms_timeout_seconds)


def _vault(url: SplitResult, settings: Settings) -> VaultKms:
    mount, _, key = url.path.strip("/").rpartition("/")
    if not (url.hostname and mount and key) or url.username is not None:
        raise SettingsError("KMS_URL must be vault+https://HOST:8200/MOUNT/KEY, without a user or password.")
    if settings.vault_token_file is None:
        raise SettingsError("KMS_URL names Vault, and VAULT_TOKEN_FILE is missing: name the token's file.")
    plain = url._replace(scheme=url.scheme.removeprefix("vault+"))
    _require_private(plain)
    address = f"{plain.scheme}://{plain.netloc}"
    return VaultKms(address, mount, key, settings.vault_token_file, settings.kms_timeout_seconds)


def _require_private(url: SplitResult) -> None:
    if is_in_the_open(url):
        raise SettingsError(
            f"KMS_URL would send keys to {url.hostname} in the open: use https, or an agent on this machine."
        )
