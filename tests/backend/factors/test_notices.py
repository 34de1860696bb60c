"""Each change of how an account is reached is mailed to its owner and kept in the audit log, with the change."""

from __future__ import annotations

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from sqlalchemy import text

from backend.outbox.templates.values import fill
from tests.backend.factors.person import Someone
from tests.backend.factors.test_totp import wrong


async def told(someone: Someone) -> list[str]:
    """The sentences mailed so far."""
    async with someone.services.engine.connect() as db:
        query = "SELECT data FROM app.mail WHERE template = 'security_notice' AND recipient = :to"
        data = await db.scalars(text(query), {"to": someone.email})
        return sorted(fill("{what:sentence}", values, "en") for values in data)


async def kept(someone: Someone) -> set[str]:
    """The actions in the audit log."""
    async with someone.services.engine.connect() as db:
        return set(await db.scalars(text("SELECT action FROM app.audit_event WHERE action LIKE 'factor.%'")))


async def test_every_change__mailed_and_kept(ada: Someone) -> None:
    await ada.add_totp()
    await ada.add_passkey()
    await ada.ok("POST", "/factors/recovery-codes")
    (passkey,) = (await ada.ok("GET", "/factors"))["passkeys"]
    await ada.ok("DELETE", f"/factors/passkeys/{passkey['id']}")
    await ada.ok("DELETE", "/factors/totp")
    assert await told(ada) == [
        "An authenticator app was set up for your account.",
        "New recovery codes were made; the old ones no longer work.",
        "The authenticator app was removed from your account.",
        "The passkey “My phone” was added to your account.",
        "The passkey “My phone” was removed from your account.",
    ]
    names = ("totp_added", "passkey_added", "recovery_codes_made", "passkey_removed", "totp_removed")
    assert await kept(ada) == {f"factor.{name}" for name in names}


async def test_recovery_code_used__mailed_with_how_many_are_left(ada: Someone) -> None:
    await ada.add_totp()
    await ada.prove({"way": "recovery_code", "code": ada.codes[0]})
    assert "A recovery code was used. Codes that are left: 9." in await told(ada)


async def test_refused_change__nothing_is_said(ada: Someone) -> None:
    ada.secret = (await ada.ok("POST", "/factors/totp"))["secret"]
    await ada.refused("POST", "/factors/totp/confirm", {"code": wrong(ada)})
    assert (await told(ada), await kept(ada)) == ([], set())


async def test_keys_and_links__mailed_too(ada: Someone) -> None:
    made = await ada.ok("POST", "/api-keys", {"name": "Shop", "scopes": ["read"]})
    await ada.ok("DELETE", f"/api-keys/{made['id']}")
    wallet: LocalAccount = Account.create()
    message = (await ada.ok("POST", "/links/message", {"address": wallet.address}))["message"]
    signature = wallet.sign_message(encode_defunct(text=message)).signature.hex()
    link = await ada.ok("POST", "/links", {"message": message, "signature": "0x" + signature})
    await ada.ok("DELETE", f"/links/{link['id']}")
    assert await told(ada) == [
        f"The API key “Shop” ({made['prefix']}) was made for your account.",
        f"The API key “Shop” ({made['prefix']}) was revoked.",
        f"The wallet {wallet.address} was linked to your account.",
        f"The wallet {wallet.address} was unlinked from your account.",
    ]
