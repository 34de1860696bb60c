"""Linking a wallet through the HTTP face: keys, contract wallets on a chain, one account for one address."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from sqlalchemy import text

from tests.backend.factors.person import Someone
from tests.support.anvil import Anvil

CONTRACT = "0x4000000000000000000000000000000000000004"
# isValidSignature(bytes32 hash, bytes signature) of a wallet with one owner, in storage slot 0: recovers the signer of
# the 65 bytes and answers 0x1626ba7e where it is the owner, 0xffffffff where it is not.
ONE_OWNER = (
    "0x"
    "600435600052"  # memory 0x00: the hash
    "60a43560f81c602052"  # memory 0x20: v
    "606435604052"  # memory 0x40: r
    "608435606052"  # memory 0x60: s
    "602060806080600060015afa50"  # ecrecover into memory 0x80
    "60805160005414"  # is it the owner?
    "604257"
    "63ffffffff60e01b60005260206000f3"
    "5b631626ba7e60e01b60005260206000f3"
)


def sign(account: LocalAccount, message: str) -> str:
    return "0x" + account.sign_message(encode_defunct(text=message)).signature.hex()


async def message_for(someone: Someone, address: str) -> str:
    return str((await someone.ok("POST", "/links/message", {"address": address}))["message"])


async def attempt(someone: Someone, message: str, signature: str) -> tuple[int, Any]:
    answer = await someone.send("POST", "/links", {"message": message, "signature": signature})
    return answer.status_code, answer.json()


@pytest.fixture
def wallet() -> LocalAccount:
    """Somebody's own wallet."""
    made: LocalAccount = Account.create()
    return made


async def test_link__by_key__listed_and_unlinked_with_step_up(ada: Someone, wallet: LocalAccount) -> None:
    message = await message_for(ada, wallet.address.lower())
    status, made = await attempt(ada, message, sign(wallet, message))
    assert status == 201, made
    assert (made["address"], made["kind"]) == (wallet.address, "key")
    assert (await ada.ok("GET", "/links"))["items"] == [made]
    async with ada.services.engine.begin() as db:
        await db.execute(text("UPDATE app.session SET stepped_up_at = NULL, step_up_method = NULL"))
    assert await ada.refused("DELETE", f"/links/{made['id']}") == (403, "step_up_required")
    await ada.step_up()
    await ada.ok("DELETE", f"/links/{made['id']}")
    assert (await ada.ok("GET", "/links"))["items"] == []


async def test_link__nonce_works_once_even_at_once(ada: Someone, wallet: LocalAccount) -> None:
    message = await message_for(ada, wallet.address)
    signature = sign(wallet, message)
    answers = await asyncio.gather(*(attempt(ada, message, signature) for _ in range(8)))
    assert sorted(status for status, _ in answers) == [201] + [422] * 7
    assert {body["code"] for status, body in answers if status == 422} == {"message_refused"}


async def test_link__a_refused_attempt_uses_the_nonce_up(ada: Someone, wallet: LocalAccount) -> None:
    message = await message_for(ada, wallet.address)
    other: LocalAccount = Account.create()
    status, body = await attempt(ada, message, sign(other, message))
    assert (status, body["code"]) == (422, "signature_wrong")
    status, body = await attempt(ada, message, sign(wallet, message))
    assert (status, body["code"]) == (422, "message_refused")
    assert "nonce was used" in body["detail"]


async def test_link__nonce_too_old_or_anothers__refused(
    ada: Someone, eve: Someone, wallet: LocalAccount
) -> None:
    message = await message_for(ada, wallet.address)
    assert (await attempt(eve, message, sign(wallet, message)))[1]["code"] == "message_refused"
    async with ada.services.engine.begin() as db:
        await db.execute(
            text("UPDATE app.link_nonce SET issued_at = now() - interval '1 hour', expires_at = now()")
        )
    status, body = await attempt(ada, message, sign(wallet, message))
    assert (status, body["code"]) == (422, "message_refused")


async def test_link__message_not_as_composed__refused_with_the_reason(
    ada: Someone, wallet: LocalAccount
) -> None:
    faults = {
        "localhost:8000 wants": ("evil.example wants", "it is for evil.example"),
        "Chain ID: 31337": ("Chain ID: 1", "it is for chain 1"),
        "Link this wallet": ("Link that wallet", "its statement is not"),
        "Version: 1": ("Version: 2", "is no Version of EIP-4361"),
    }
    for old, (new, said) in faults.items():
        message = (await message_for(ada, wallet.address)).replace(old, new)
        status, body = await attempt(ada, message, sign(wallet, message))
        assert (status, body["code"]) == (422, "message_refused")
        assert said in body["detail"]


async def test_link__signatures_in_other_forms__refused(ada: Someone, wallet: LocalAccount) -> None:
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    for form in ("high s", "short", "zero", "v 29", "v of a chain", "other text", "no prefix"):
        message = await message_for(ada, wallet.address)
        good = bytes.fromhex(sign(wallet, message)[2:])
        s, v = int.from_bytes(good[32:64], "big"), good[64]
        signature = {
            "high s": good[:32] + (order - s).to_bytes(32, "big") + bytes([55 - v]),
            "short": good[:64],
            "zero": bytes(65),
            "v 29": good[:64] + bytes([29]),
            "v of a chain": good[:64] + bytes([v + 10]),
            "other text": bytes.fromhex(sign(wallet, message + " ")[2:]),
            "no prefix": bytes(
                wallet.unsafe_sign_hash(encode_defunct(text=message).body.rjust(32, b"\0")[:32]).signature
            ),
        }[form]
        status, body = await attempt(ada, message, "0x" + signature.hex())
        assert (status, body["code"]) == (422, "signature_wrong"), form
    message = await message_for(ada, wallet.address)
    good = bytes.fromhex(sign(wallet, message)[2:])
    status, body = await attempt(ada, message, "0x" + (good[:64] + bytes([good[64] - 27])).hex())
    assert status == 201, body


async def test_link__contract_wallet__its_owner_signs(
    ada: Someone, wallet: LocalAccount, chain: Anvil
) -> None:
    chain.call("anvil_setCode", CONTRACT, ONE_OWNER)
    chain.call("anvil_setStorageAt", CONTRACT, "0x" + "00" * 32, "0x" + "00" * 12 + wallet.address[2:])
    stranger: LocalAccount = Account.create()
    message = await message_for(ada, CONTRACT)
    assert (await attempt(ada, message, sign(stranger, message)))[1]["code"] == "signature_wrong"
    message = await message_for(ada, CONTRACT)
    assert (await attempt(ada, message, sign(wallet, message + "!")))[1]["code"] == "signature_wrong"
    message = await message_for(ada, CONTRACT)
    status, made = await attempt(ada, message, sign(wallet, message))
    assert (status, made.get("kind")) == (201, "contract"), made


@pytest.mark.parametrize(
    "code",
    [
        "0x",  # no contract at all
        "0x60006000fd",  # reverts
        "0x631626ba7e60e01c60005260206000f3",  # says yes in the wrong place
        "0x60016000526020600060006000fd",  # reverts with a word
        "0x600160005260206000f3",  # true as a boolean
        "0x631626ba7e60e01b60005260046000f3",  # yes, in four bytes only
    ],
)
async def test_link__contract_that_does_not_say_yes__refused(ada: Someone, chain: Anvil, code: str) -> None:
    chain.call("anvil_setCode", CONTRACT, code)
    message = await message_for(ada, CONTRACT)
    status, body = await attempt(ada, message, "0x" + "11" * 65)
    assert (status, body["code"]) == (422, "signature_wrong")


async def test_link__one_address_one_account(ada: Someone, eve: Someone, wallet: LocalAccount) -> None:
    mine, hers = await message_for(ada, wallet.address), await message_for(eve, wallet.address)
    answers = await asyncio.gather(
        attempt(ada, mine, sign(wallet, mine)), attempt(eve, hers, sign(wallet, hers))
    )
    assert sorted(status for status, _ in answers) == [201, 409]
    again = await message_for(ada, wallet.address)
    assert (await attempt(ada, again, sign(wallet, again)))[1]["code"] == "address_taken"
    owner, other = (ada, eve) if answers[0][0] == 201 else (eve, ada)
    (link,) = (await owner.ok("GET", "/links"))["items"]
    assert await other.refused("DELETE", f"/links/{link['id']}") == (404, "link_not_found")
    await owner.ok("DELETE", f"/links/{link['id']}")
    message = await message_for(other, wallet.address)
    assert (await attempt(other, message, sign(wallet, message)))[0] == 201


async def test_link__a_wallet_in_our_keeping__refused(ada: Someone) -> None:
    wallet: LocalAccount = Account.create()
    async with ada.services.engine.begin() as db:
        await db.execute(
            text("UPDATE app.wallet SET address = :address"), {"address": bytes.fromhex(wallet.address[2:])}
        )
    message = await message_for(ada, wallet.address)
    assert (await attempt(ada, message, sign(wallet, message)))[1]["code"] == "address_taken"


async def test_link__chain_silent__503_for_a_contract_only(ada: Someone, wallet: LocalAccount) -> None:
    await ada.services.rpc.close()
    message = await message_for(ada, wallet.address)
    assert (await attempt(ada, message, sign(wallet, message)))[0] == 201


async def test_message__wrong_address__422(ada: Someone) -> None:
    assert await ada.refused("POST", "/links/message", {"address": "0x12"}) == (422, "invalid_input")
