"""Key services: the file, AWS KMS (moto's server), Vault's transit engine (a stand-in); bound, patient, quiet."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from aiohttp import web
from moto.server import ThreadedMotoServer

from backend.settings import Settings, SettingsError
from backend.wallets.kms import FileKms, KmsError, KmsUnavailable
from backend.wallets.kms.aws import AwsKms
from backend.wallets.kms.choice import open_kms
from backend.wallets.kms.envelope import EnvelopeKms, master_prefix, unpack
from backend.wallets.kms.file import add_master_key, read_master_keys
from backend.wallets.kms.patience import Patience
from backend.wallets.kms.vault import VaultKms
from tests.backend.vault import BROKEN, SEALED, THROTTLED, Answer, Vault

CONTEXT = {"wallet": "w1", "owner": "u1", "version": "1"}
OTHERS = [{**CONTEXT, "wallet": "w2"}, {**CONTEXT, "owner": "u2"}, {**CONTEXT, "version": "2"}]
QUICK = Patience(attempts=3, first=0.01, longest=0.02, rest=0.05)
REGION = "eu-central-1"
FIRST_VERSION = (
    "016ea8241584c43be22d2efb38a2eb50661b7efac75d6267e962b4175ecc1fa23285bdbbc2dd3d23147f9b79723bc7ca"
    "f8605e21866b87db73dc059ea375fd9ffffb549f3acb9eeb6d3b35e1657fcab5d7152802c556f68a0ba10691836415"
)


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """URL of moto's AWS."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def aws_client(url: str) -> Any:
    return boto3.client("kms", region_name=REGION, endpoint_url=url)


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    (tmp_path / "token").write_text("s.right\n")
    async with Vault() as started:
        yield started


def vault_kms(vault: Vault, folder: Path, timeout: float = 1.0) -> VaultKms:
    return VaultKms(vault.url, "transit", "tombola", folder / "token", timeout, replace(QUICK))


@pytest.fixture(params=["file", "aws", "vault"])
async def kms(
    request: pytest.FixtureRequest, tmp_path: Path, moto: str, vault: Vault
) -> AsyncIterator[EnvelopeKms]:
    """Each of the key services."""
    made: EnvelopeKms
    if request.param == "file":
        made = FileKms.load(tmp_path / "k", create=True)
    elif request.param == "aws":
        key = await asyncio.to_thread(lambda: aws_client(moto).create_key()["KeyMetadata"]["KeyId"])
        made = AwsKms(key, REGION, moto, patience=replace(QUICK))
    else:
        made = vault_kms(vault, tmp_path)
    yield made
    await made.close()


async def rotate(kms: EnvelopeKms, moto: str, vault: Vault, folder: Path) -> None:
    """What an operator does to get a new master key."""
    if isinstance(kms, FileKms):
        add_master_key(folder / "k")
    elif isinstance(kms, AwsKms):
        kms._key = await asyncio.to_thread(lambda: aws_client(moto).create_key()["KeyMetadata"]["KeyId"])
    else:
        vault.rotate()


async def test_seal__opens_in_its_context_only(kms: EnvelopeKms) -> None:
    secret = secrets.token_bytes(32)
    sealed = await kms.seal(secret, CONTEXT)
    assert secret not in sealed
    assert await kms.open(sealed, CONTEXT) == secret
    assert sealed.startswith(master_prefix(await kms.newest()))
    assert await kms.seal(secret, CONTEXT) != sealed
    for other in OTHERS:
        with pytest.raises(KmsError, match="does not open"):
            await kms.open(sealed, other)
        with pytest.raises(KmsError, match="does not open"):
            await kms.rewrap(sealed, other)


async def test_broken_envelope__never_opens(kms: EnvelopeKms) -> None:
    sealed = await kms.seal(b"secret", CONTEXT)
    wrapped, _ = unpack(sealed)
    head = len(master_prefix(wrapped.master)) + 2
    places = [0, 1, 2, head - 1, head + 30, len(sealed) - 20, len(sealed) - 1]
    for place in places:
        broken = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(KmsError):
            await kms.open(broken, CONTEXT)
    for length in (0, 1, 2, 10, len(sealed) - 1):
        with pytest.raises(KmsError):
            await kms.open(sealed[:length], CONTEXT)


async def test_rewrap__new_master_key_same_secret_old_envelope_still_opens(
    kms: EnvelopeKms, moto: str, vault: Vault, tmp_path: Path
) -> None:
    old = await kms.seal(b"secret", CONTEXT)
    before = await kms.newest()
    await rotate(kms, moto, vault, tmp_path)
    assert await kms.newest() != before
    new = await kms.rewrap(old, CONTEXT)
    assert unpack(new)[0].master == await kms.newest()
    assert unpack(new)[1] == unpack(old)[1]  # the secret's own bytes were not touched
    assert await kms.open(old, CONTEXT) == await kms.open(new, CONTEXT) == b"secret"
    assert unpack(await kms.seal(b"x", CONTEXT))[0].master == await kms.newest()


async def test_file__other_process_adds_a_key__known_at_once(tmp_path: Path) -> None:
    mine, other = FileKms.load(tmp_path / "k", create=True), FileKms.load(tmp_path / "k", create=False)
    old = await mine.seal(b"old", CONTEXT)
    name = add_master_key(tmp_path / "k")
    assert await other.newest() == name
    assert await mine.open(await other.seal(b"new", CONTEXT), CONTEXT) == b"new"
    assert await other.open(old, CONTEXT) == b"old"
    assert (tmp_path / "k").stat().st_mode & 0o777 == 0o600
    assert len(read_master_keys(tmp_path / "k")) == 2


async def test_file__master_key_was_removed__says_which(tmp_path: Path) -> None:
    kms = FileKms.load(tmp_path / "k", create=True)
    name, sealed = await kms.newest(), await kms.seal(b"x", CONTEXT)
    (tmp_path / "k").write_text("11" * 32 + "\n")
    with pytest.raises(KmsError, match=f"does not hold master key {name}"):
        await kms.open(sealed, CONTEXT)


async def test_file__envelope_of_version_1__opens_and_rewraps(tmp_path: Path) -> None:
    """Made by the code before master keys had names."""
    (tmp_path / "k").write_text("11" * 32)
    (tmp_path / "k").chmod(0o600)
    sealed = bytes.fromhex(FIRST_VERSION)
    kms = FileKms.load(tmp_path / "k", create=False)
    add_master_key(tmp_path / "k")
    assert await kms.open(sealed, CONTEXT) == b"secret"
    new = await kms.rewrap(sealed, CONTEXT)
    assert new.startswith(master_prefix(await kms.newest()))
    assert await kms.open(new, CONTEXT) == b"secret"
    with pytest.raises(KmsError):
        await kms.open(sealed, OTHERS[0])


async def test_aws__data_key_is_bound_by_the_encryption_context(moto: str) -> None:
    client = aws_client(moto)
    key = client.create_key()["KeyMetadata"]["Arn"]
    client.create_alias(AliasName="alias/tombola", TargetKeyId=key)
    kms = AwsKms("alias/tombola", REGION, moto, patience=replace(QUICK))
    wrapped, _ = unpack(await kms.seal(b"secret", CONTEXT))
    assert wrapped.master == await kms.newest() == key
    with pytest.raises(client.exceptions.InvalidCiphertextException):
        client.decrypt(CiphertextBlob=wrapped.key, EncryptionContext=OTHERS[0])
    assert len(client.decrypt(CiphertextBlob=wrapped.key, EncryptionContext=CONTEXT)["Plaintext"]) == 32
    await kms.close()


class Aws:
    """A KMS that answers as it is told, in the shapes of AWS's JSON 1.1 protocol."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str]] = []
        self.asked = 0

    async def answer(self, _request: web.Request) -> web.Response:
        self.asked += 1
        status, kind = self.answers.pop(0)
        if status == 0:
            await asyncio.sleep(30)
        return web.json_response(
            {"__type": kind, "message": "Rate exceeded"},
            status=status,
            content_type="application/x-amz-json-1.1",
        )


@pytest.fixture
async def faulty_aws() -> AsyncIterator[tuple[Aws, AwsKms]]:
    aws = Aws()
    app = web.Application()
    app.router.add_route("POST", "/", aws.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    kms = AwsKms("k", REGION, url, timeout=0.3, patience=replace(QUICK))
    yield aws, kms
    await kms.close()
    await runner.cleanup()


@pytest.mark.parametrize(
    "answer",
    [
        (400, "ThrottlingException"),
        (500, "KMSInternalException"),
        (500, "DependencyTimeoutException"),
        (503, "ServiceUnavailable"),
        (0, "no answer"),
    ],
    ids=str,
)
async def test_aws__may_succeed_later__asked_a_bounded_number_of_times(
    faulty_aws: tuple[Aws, AwsKms], answer: tuple[int, str]
) -> None:
    aws, kms = faulty_aws
    aws.answers = [answer] * 10
    with pytest.raises(KmsUnavailable):
        await kms.seal(b"x", CONTEXT)
    assert aws.asked == QUICK.attempts


@pytest.mark.parametrize("kind", ["AccessDeniedException", "DisabledException", "NotFoundException"])
async def test_aws__refuses__asked_once(faulty_aws: tuple[Aws, AwsKms], kind: str) -> None:
    aws, kms = faulty_aws
    aws.answers = [(400, kind)]
    with pytest.raises(KmsError, match=kind) as refused:
        await kms.seal(b"x", CONTEXT)
    assert not isinstance(refused.value, KmsUnavailable)
    assert aws.asked == 1


@pytest.mark.parametrize("answer", [THROTTLED, SEALED, BROKEN], ids=lambda one: str(one[0]))
async def test_vault__may_succeed_later__tried_again_then_it_works(
    vault: Vault, tmp_path: Path, answer: Answer
) -> None:
    kms = vault_kms(vault, tmp_path)
    vault.fault = lambda _: answer if vault.seen["datakey"] < 3 else None
    sealed = await kms.seal(b"x", CONTEXT)
    assert vault.seen["datakey"] == 3
    vault.fault = lambda _: answer
    with pytest.raises(KmsUnavailable, match=str(answer[0])):
        await kms.open(sealed, CONTEXT)
    assert vault.seen["decrypt"] == QUICK.attempts
    await kms.close()


async def test_vault__forbidden_until_the_agent_renews_the_token(vault: Vault, tmp_path: Path) -> None:
    kms = vault_kms(vault, tmp_path)
    vault.token = "s.renewed"
    with pytest.raises(KmsError, match="403: 1 error occurred"):
        await kms.seal(b"x", CONTEXT)
    assert vault.seen["datakey"] == 1
    (tmp_path / "token").write_text("s.renewed")
    await kms.seal(b"x", CONTEXT)
    await kms.close()


async def test_vault__hangs_or_is_gone__unavailable(vault: Vault, tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _reader, _writer: asyncio.sleep(30), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for url in (f"http://127.0.0.1:{port}", "http://127.0.0.1:1"):
        kms = VaultKms(url, "transit", "tombola", tmp_path / "token", 0.1, replace(QUICK))
        with pytest.raises(KmsUnavailable, match="cannot be reached"):
            await kms.seal(b"x", CONTEXT)
        await kms.close()
    server.close()


async def test_vault__key_that_ignores_contexts__refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s.right")
    async with Vault(derived=False) as vault:
        kms = vault_kms(vault, tmp_path)
        with pytest.raises(KmsError, match="derived=true"):
            await kms.newest()
        sealed = await kms.seal(b"x", CONTEXT)  # even there the secret itself is bound
        with pytest.raises(KmsError, match="does not open"):
            await kms.open(sealed, OTHERS[0])
        await kms.close()


async def test_patience__rests_after_the_last_attempt_then_one_probe() -> None:
    patience = Patience(attempts=2, first=0.001, longest=0.001, rest=0.05)
    asked: list[int] = []

    async def fails() -> None:
        asked.append(1)
        raise KmsUnavailable("down")

    async def works() -> int:
        return 7

    with pytest.raises(KmsUnavailable, match="down"):
        await patience.ask(fails)
    with pytest.raises(KmsUnavailable, match="left alone"):
        await patience.ask(fails)
    assert len(asked) == 2
    await asyncio.sleep(0.06)
    results = await asyncio.gather(*(patience.ask(fails) for _ in range(5)), return_exceptions=True)
    assert sum("down" in str(result) for result in results) == 1
    assert len(asked) == 3
    await asyncio.sleep(0.06)
    assert await patience.ask(works) == 7
    assert await patience.ask(works) == 7


SETTINGS: dict[str, Any] = {"database_url": "postgresql:///x", "rpc_urls": "http://x", "registry": "r"}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("gcpkms://k", "begins with 'gcpkms'"),
        ("awskms://?region=eu-central-1", "names no key"),
        ("awskms:///k?colour=red", "unknown option 'colour'"),
        ("awskms:///k?endpoint=http://kms.example.org", "in the open"),
        ("vault+https://vault.example.org", "HOST:8200/MOUNT/KEY"),
        ("vault+https://vault.example.org/transit/k", "VAULT_TOKEN_FILE is missing"),
    ],
)
def test_choice__wrong__one_sentence(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        open_kms(Settings(**SETTINGS, kms_url=url))


async def test_choice__each_service_by_its_url(tmp_path: Path) -> None:
    arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"
    aws = open_kms(Settings(**SETTINGS, kms_url=f"awskms:///{arn}?region={REGION}"))
    assert isinstance(aws, AwsKms)
    assert (aws._key, aws._region) == (arn, REGION)
    alias = open_kms(Settings(**SETTINGS, kms_url="awskms://alias/tombola"))
    assert isinstance(alias, AwsKms)
    assert alias._key == "alias/tombola"
    token = tmp_path / "token"
    token.write_text("t")
    with pytest.raises(SettingsError, match="in the open"):
        open_kms(Settings(**SETTINGS, kms_url="vault+http://vault.org/a/k", vault_token_file=token))
    vault = open_kms(
        Settings(**SETTINGS, kms_url="vault+https://vault.org:8200/a/b/k", vault_token_file=token)
    )
    assert isinstance(vault, VaultKms)
    assert (vault._base, vault._key) == ("https://vault.org:8200/v1/a/b", "k")
    for one in (aws, alias, vault):
        await one.close()
