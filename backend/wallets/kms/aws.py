"""AWS KMS (API version 2014-11-01): GenerateDataKey, Decrypt and ReEncrypt with the context as encryption context.

The context is checked by AWS and appears in CloudTrail: it holds ids only. Credentials are boto3's own (role,
environment, profile). The service's policy needs kms:GenerateDataKey, Decrypt, DescribeKey, and for rotation
ReEncryptFrom and ReEncryptTo.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import (  # type: ignore[import-untyped]
    BotoCoreError,
    ClientError,
    HTTPClientError,
)
from botocore.exceptions import ConnectionError as NoConnection

from backend.wallets.kms.envelope import (
    DOES_NOT_OPEN,
    DataKey,
    EnvelopeKms,
    KmsError,
    KmsUnavailable,
    Wrapped,
)
from backend.wallets.kms.patience import Patience

THREADS = 8
# What may be gone a moment later, as AWS names it.
_TRANSIENT = {
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "LimitExceededException",
    "RequestLimitExceeded",
    "DependencyTimeoutException",
    "KMSInternalException",
    "KeyUnavailableException",
    "InternalFailure",
    "ServiceUnavailable",
    "RequestTimeout",
}
_FOREIGN = {"InvalidCiphertextException", "IncorrectKeyException"}


class AwsKms(EnvelopeKms):
    """Master keys that never leave AWS. `key` is an id, an ARN or an alias; `timeout` is seconds per attempt."""

    def __init__(
        self,
        key: str,
        region: str | None = None,
        endpoint: str | None = None,
        timeout: float = 2.0,
        patience: Patience | None = None,
    ) -> None:
        self._key = key
        self._region = region
        self._endpoint = endpoint
        self._timeout = timeout
        self._patience = patience or Patience()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="kms")

    async def newest(self) -> str:
        """ARN of the key that the setting names now: an alias may have moved."""
        found = await self._ask("describe_key", KeyId=self._key)
        return str(found["KeyMetadata"]["Arn"])

    async def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _new_data_key(self, context: Mapping[str, str]) -> DataKey:
        made = await self._ask(
            "generate_data_key", KeyId=self._key, KeySpec="AES_256", EncryptionContext=dict(context)
        )
        return DataKey(Wrapped(made["KeyId"], made["CiphertextBlob"]), made["Plaintext"])

    async def _unwrap(self, wrapped: Wrapped, context: Mapping[str, str]) -> bytes:
        found = await self._ask(
            "decrypt", KeyId=wrapped.master, CiphertextBlob=wrapped.key, EncryptionContext=dict(context)
        )
        plain: bytes = found["Plaintext"]
        return plain

    async def _rewrap(self, wrapped: Wrapped, context: Mapping[str, str]) -> Wrapped:
        made = await self._ask(
            "re_encrypt",
            CiphertextBlob=wrapped.key,
            SourceKeyId=wrapped.master,
            SourceEncryptionContext=dict(context),
            DestinationKeyId=self._key,
            DestinationEncryptionContext=dict(context),
        )
        return Wrapped(made["KeyId"], made["CiphertextBlob"])

    async def _ask(self, operation: str, **arguments: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await self._patience.ask(
            lambda: loop.run_in_executor(self._threads, _translated, self._call(operation), arguments)
        )

    def _call(self, operation: str) -> Callable[..., Any]:
        return lambda **arguments: getattr(self._client, operation)(**arguments)

    @cached_property
    def _client(self) -> Any:
        """boto3's client, which threads may share; retries are ours, so that their sum is bounded."""
        config = Config(
            connect_timeout=self._timeout,
            read_timeout=self._timeout,
            retries={"total_max_attempts": 1},
            max_pool_connections=THREADS,
        )
        return boto3.session.Session().client(
            "kms", region_name=self._region, endpoint_url=self._endpoint, config=config
        )


def _translated(call: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    """Call, and say what went wrong in our words. boto3's own may quote the request."""
    try:
        return call(**arguments)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in _TRANSIENT or status >= 500:
            raise KmsUnavailable(f"AWS KMS answers {code or status}.") from None
        if code in _FOREIGN:
            raise KmsError(DOES_NOT_OPEN) from None
        raise KmsError(
            f"AWS KMS refuses with {code or status}: check KMS_URL and the policy of the key."
        ) from None
    except (NoConnection, HTTPClientError) as error:
        raise KmsUnavailable(f"AWS KMS cannot be reached: {type(error).__name__}.") from None
    except BotoCoreError as error:
        raise KmsError(
            f"AWS KMS cannot be asked: {type(error).__name__}. Check region and credentials."
        ) from None
