"""Passkeys, by an authenticator in software that makes what real ones make, and what they must not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from backend.factors.relying_party import relying_party
from backend.settings import Settings
from tests.backend.factors.authenticator import Authenticator, decode, encode
from tests.backend.factors.person import Someone


async def sign_in(someone: Someone, device: Authenticator) -> Any:
    """The answer to a sign-in by passkey alone."""
    someone.headers = {}
    options = await someone.ok("POST", "/sessions/passkey/options")
    assert options["public_key"]["allowCredentials"] == []
    credential = device.get(options["public_key"])
    return await someone.send("POST", "/sessions/passkey", {"credential": credential})


async def test_register__listed_and_recovery_codes_with_the_first(ada: Someone) -> None:
    await ada.add_passkey()
    assert len(ada.codes) == 10
    shown = await ada.ok("GET", "/factors")
    assert shown["ways"] == ["passkey", "recovery_code"]
    assert [passkey["name"] for passkey in shown["passkeys"]] == ["My phone"]
    first = list(ada.codes)
    await ada.add_passkey()
    assert ada.codes == first
    async with ada.services.engine.connect() as db:
        kept = list(await db.scalars(text("SELECT transports FROM app.passkey")))
    assert kept == [["internal"], ["internal"]]


async def test_register__excludes_what_is_registered_and_refuses_it_again(ada: Someone) -> None:
    device = await ada.add_passkey()
    options = (await ada.ok("POST", "/factors/passkeys/options"))["public_key"]
    assert [decode(one["id"]) for one in options["excludeCredentials"]] == [device.credential_id]
    body = {"name": "again", "credential": device.create(options)}
    assert await ada.refused("POST", "/factors/passkeys", body) == (409, "passkey_exists")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"origin": "https://evil.example"}, "origin"),
        ({"rp_id": "evil.example"}, "RP ID"),
        ({"verifies_user": False}, "verif"),
    ],
    ids=str,
)
async def test_register__of_another_site_or_unverified__refused(
    ada: Someone, fault: dict[str, Any], said: str
) -> None:
    options = (await ada.ok("POST", "/factors/passkeys/options"))["public_key"]
    device = ada.authenticator()
    for name, value in fault.items():
        setattr(device, name, value)
    options["rp"]["id"] = device.rp_id
    answer = await ada.send("POST", "/factors/passkeys", {"name": "x", "credential": device.create(options)})
    assert (answer.status_code, answer.json()["code"]) == (403, "passkey_refused")
    assert said in answer.json()["detail"]


async def test_challenge__one_answer_one_purpose_one_person_five_minutes(ada: Someone, eve: Someone) -> None:
    device = await ada.add_passkey()
    options = (await ada.ok("POST", "/factors/passkeys/options"))["public_key"]
    # Eve answers Ada's challenge; Ada's stays hers.
    answer = {"name": "x", "credential": eve.authenticator().create(options)}
    assert await eve.refused("POST", "/factors/passkeys", answer) == (403, "passkey_refused")
    # A challenge for a registration proves nothing.
    proving = {**options, "userVerification": "required", "allowCredentials": []}
    assert (await ada.prove({"way": "passkey", "credential": device.get(proving)})).status_code == 403
    answer = {"name": "x", "credential": ada.authenticator().create(options)}
    await ada.ok("POST", "/factors/passkeys", answer)
    assert await ada.refused("POST", "/factors/passkeys", answer) == (403, "passkey_refused")
    options = (await ada.ok("POST", "/factors/passkeys/options"))["public_key"]
    async with ada.services.engine.begin() as db:
        await db.execute(text("UPDATE app.passkey_challenge SET expires_at = now()"))
    answer = {"name": "x", "credential": ada.authenticator().create(options)}
    assert await ada.refused("POST", "/factors/passkeys", answer) == (403, "passkey_refused")


async def test_challenge__a_refused_answer_uses_it_up(ada: Someone) -> None:
    device = await ada.add_passkey()
    options = (await ada.ok("POST", "/step-up/passkey-options"))["public_key"]
    good = device.get(options)
    device.origin = "https://evil.example"
    assert (await ada.prove({"way": "passkey", "credential": device.get(options)})).status_code == 403
    again = await ada.prove({"way": "passkey", "credential": good})
    assert "answered before" in again.json()["detail"]


async def test_sign_in__without_a_password_and_stepped_up(ada: Someone) -> None:
    device = await ada.add_passkey()
    answer = await sign_in(ada, device)
    assert answer.status_code == 200
    assert len(answer.headers.get_list("set-cookie")) == 2
    ada.take(answer.json())
    assert (await ada.ok("GET", "/me"))["email"] == ada.email
    (passkey,) = (await ada.ok("GET", "/factors"))["passkeys"]
    assert passkey["last_used_at"]
    await ada.ok("DELETE", f"/factors/passkeys/{passkey['id']}")
    assert (await sign_in(ada, device)).status_code == 403


async def test_sign_in__replayed_answer__refused(ada: Someone) -> None:
    device = await ada.add_passkey()
    ada.headers = {}
    options = (await ada.ok("POST", "/sessions/passkey/options"))["public_key"]
    credential = {"credential": device.get(options)}
    answers = await asyncio.gather(*(ada.send("POST", "/sessions/passkey", credential) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [403] * 7


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"origin": "https://evil.example"}, "origin"),
        ({"rp_id": "evil.example"}, "RP ID"),
        ({"verifies_user": False}, "verif"),
        ({"user_handle": b"\1" * 16}, "another account"),
        ({"user_handle": b""}, "another account"),
        ({"credential_id": b"unknown"}, "not registered"),
    ],
    ids=str,
)
async def test_sign_in__wrong_answers__refused(ada: Someone, fault: dict[str, Any], said: str) -> None:
    device = await ada.add_passkey()
    for name, value in fault.items():
        setattr(device, name, value)
    answer = await sign_in(ada, device)
    assert (answer.status_code, answer.json()["code"]) == (403, "proof_wrong")
    assert said in answer.json()["detail"]


async def test_sign_in__another_key__signature_refused(ada: Someone) -> None:
    device = await ada.add_passkey()
    device.key = ada.authenticator().key
    assert "signature" in (await sign_in(ada, device)).json()["detail"]


async def test_counter__goes_back__a_copy_is_refused_and_the_original_goes_on(ada: Someone) -> None:
    device = await ada.add_passkey()
    assert (await sign_in(ada, device)).status_code == 200
    newest = device.count
    device.count = 0
    refused = await sign_in(ada, device)
    assert (refused.status_code, refused.json()["code"]) == (403, "proof_wrong")
    assert "there may be a copy" in refused.json()["detail"]
    device.count = newest - 1
    assert (await sign_in(ada, device)).status_code == 403
    assert (await sign_in(ada, device)).status_code == 200
    async with ada.services.engine.begin() as db:
        with pytest.raises(IntegrityError, match="would go back"):
            await db.execute(text("UPDATE app.passkey SET sign_count = 0"))


async def test_counter__authenticators_that_do_not_count__are_fine(ada: Someone) -> None:
    device = ada.authenticator()
    device.counts = False
    await ada.add_passkey(device)
    assert (await sign_in(ada, device)).status_code == 200
    assert (await sign_in(ada, device)).status_code == 200


async def test_second_factor__passkey_completes_the_sign_in(ada: Someone, eve: Someone) -> None:
    device, other = await ada.add_passkey(), await eve.add_passkey()
    ticket = await ada.ticket()
    ada.headers = {}
    asked = await ada.ok("POST", "/sessions/second-factor/passkey-options", {"ticket": ticket})
    options = asked["public_key"]
    assert [decode(one["id"]) for one in options["allowCredentials"]] == [device.credential_id]
    foreign = other.get({**options, "allowCredentials": []})
    assert (await ada.complete(ticket, {"way": "passkey", "credential": foreign})).status_code == 403
    asked = await ada.ok("POST", "/sessions/second-factor/passkey-options", {"ticket": ticket})
    proof = {"way": "passkey", "credential": device.get(asked["public_key"])}
    assert (await ada.complete(ticket, proof)).status_code == 200


async def test_remove__somebody_elses__404_and_it_stays(ada: Someone, eve: Someone) -> None:
    await ada.add_passkey()
    (passkey,) = (await ada.ok("GET", "/factors"))["passkeys"]
    assert await eve.refused("DELETE", f"/factors/passkeys/{passkey['id']}") == (404, "factor_not_found")
    assert (await ada.ok("GET", "/factors"))["passkeys"] == [passkey]


async def test_remove__the_last_factor__codes_end_and_the_password_is_enough(ada: Someone) -> None:
    await ada.add_passkey()
    (passkey,) = (await ada.ok("GET", "/factors"))["passkeys"]
    await ada.ok("DELETE", f"/factors/passkeys/{passkey['id']}")
    assert (await ada.ok("GET", "/factors"))["recovery_codes_left"] == 0
    assert (await ada.password()).status_code == 200


async def test_register__twenty_at_most(ada: Someone) -> None:
    await ada.add_passkey()
    async with ada.services.engine.begin() as db:
        await db.execute(
            text(
                "INSERT INTO app.passkey (id, user_id, name, credential_id, public_key, sign_count, transports)"
                " SELECT gen_random_uuid(), user_id, name, int4send(n), public_key, 0, '{}'"
                " FROM app.passkey, generate_series(1, 19) n"
            )
        )
    options = (await ada.ok("POST", "/factors/passkeys/options"))["public_key"]
    body = {"name": "x", "credential": ada.authenticator().create(options)}
    assert await ada.refused("POST", "/factors/passkeys", body) == (409, "too_many_passkeys")


def _flipped(random_: random.Random, data: bytes) -> bytes:
    at = random_.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << random_.randrange(8))]) + data[at + 1 :]


def _cut(random_: random.Random, data: bytes) -> bytes:
    return data[: random_.randrange(len(data))]


@pytest.mark.parametrize("damage", [_flipped, _cut])
@pytest.mark.parametrize("member", ["attestationObject", "clientDataJSON"])
async def test_register__damaged_bytes__refused_never_our_bug(
    ada: Someone, member: str, damage: Callable[[random.Random, bytes], bytes]
) -> None:
    chance = random.Random(f"{member} {damage.__name__}")
    for _ in range(12):
        options = (await ada.ok("POST", "/factors/passkeys/options"))["public_key"]
        credential = ada.authenticator().create(options)
        credential["response"][member] = encode(damage(chance, decode(credential["response"][member])))
        answer = await ada.send("POST", "/factors/passkeys", {"name": "x", "credential": credential})
        # A bit may fall where nothing depends on it: in the credential's id, or the model's.
        assert answer.status_code in (201, 403), answer.text
    assert answer.json().get("code") in (None, "passkey_refused")


@pytest.mark.parametrize("member", ["authenticatorData", "clientDataJSON", "signature"])
async def test_prove__damaged_bytes__refused(ada: Someone, member: str) -> None:
    device = await ada.add_passkey()
    chance = random.Random(member)
    for damage in [_flipped, _cut] * 6:
        options = (await ada.ok("POST", "/step-up/passkey-options"))["public_key"]
        credential = device.get(options)
        credential["response"][member] = encode(damage(chance, decode(credential["response"][member])))
        answer = await ada.prove({"way": "passkey", "credential": credential})
        assert (answer.status_code, answer.json()["code"]) == (403, "proof_wrong")


def test_relying_party__public_url_or_localhost(settings: Settings) -> None:
    site = relying_party(settings)
    assert (site.id, site.origin) == ("localhost", "http://localhost:8000")
    site = relying_party(settings.model_copy(update={"public_url": "https://tombola.example:8443/"}))
    assert (site.id, site.origin) == ("tombola.example", "https://tombola.example:8443")
    assert site.domain == "tombola.example:8443"
