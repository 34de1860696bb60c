"""Envelope encryption behind one interface: a master key that we never store wraps a data key per secret.

`seal` and `open` bind the secret to a context (user, wallet, version): a row copied elsewhere does not open.
`FileKms` keeps master keys in a file, `AwsKms` asks AWS KMS, `VaultKms` asks Vault's transit engine; `choice`
makes the one that KMS_URL names. What is opened is forgotten after the one use it was opened for.
"""

from backend.wallets.kms.envelope import Kms, KmsError, KmsUnavailable
from backend.wallets.kms.file import FileKms

__all__ = ["FileKms", "Kms", "KmsError", "KmsUnavailable"]
