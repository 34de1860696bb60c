"""Sign-in with a second factor: a ticket between the two, worth one session."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from tests.backend.factors.person import Someone
from tests.backend.factors.test_totp import wrong
from tests.backend.test_auth import PASSWORD


async def test_password__second_factor_on__ticket_and_ways_but_no_session(ada: Someone) -> None:
    await ada.add_totp()
    answer = await ada.password()
    body = answer.json()
    assert (answer.status_code, body["code"], body["expires_in"]) == (401, "second_factor_required", 300)
    assert body["ways"] == ["totp", "recovery_code"]
    assert "set-cookie" not in answer.headers
    async with ada.services.engine.connect() as db:
        assert await db.scalar(text("SELECT count(*) FROM app.session")) == 1
        kept = await db.scalar(text("SELECT token_hash FROM app.sign_in_ticket"))
    assert body["ticket"].encode() not in kept


async def test_password_wrong__says_nothing_about_factors(ada: Someone) -> None:
    await ada.add_totp()
    ada.headers = {}
    assert await ada.refused("POST", "/sessions", {"email": ada.email, "password": "wrong"}) == (
        401,
        "credentials_wrong",
    )


async def test_complete__session_cookies_and_stepped_up(ada: Someone) -> None:
    await ada.add_totp()
    answer = await ada.complete(await ada.ticket(), ada.totp_proof())
    assert answer.status_code == 200
    assert len(answer.headers.get_list("set-cookie")) == 2
    ada.take(answer.json())
    assert (await ada.ok("GET", "/me"))["email"] == ada.email
    # It proved itself a moment ago: no need to ask again.
    await ada.ok("DELETE", "/factors/totp")


async def test_ticket__works_once(ada: Someone) -> None:
    await ada.add_totp()
    ticket = await ada.ticket()
    assert (await ada.complete(ticket, ada.totp_proof())).status_code == 200
    again = await ada.complete(ticket, {"way": "recovery_code", "code": ada.codes[0]})
    assert (again.status_code, again.json()["code"]) == (401, "ticket_refused")


async def test_ticket__ten_completions_at_once__one_session(ada: Someone) -> None:
    await ada.add_totp()
    ticket = await ada.ticket()
    proofs = [{"way": "recovery_code", "code": code} for code in ada.codes]
    answers = await asyncio.gather(*(ada.complete(ticket, proof) for proof in proofs))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 9
    async with ada.services.engine.connect() as db:
        assert await db.scalar(text("SELECT count(*) FROM app.session")) == 2
        assert await db.scalar(text("SELECT count(*) FROM app.recovery_code")) == 9


async def test_ticket__five_wrong_tries__begin_again(ada: Someone) -> None:
    await ada.add_totp()
    ticket = await ada.ticket()
    bad = {"way": "recovery_code", "code": "AAAA-AAAA-AAAA-AAAA"}
    for _ in range(5):
        assert (await ada.complete(ticket, bad)).json()["code"] == "proof_wrong"
    refused = await ada.complete(ticket, {"way": "recovery_code", "code": ada.codes[0]})
    assert refused.json()["code"] == "ticket_refused"
    assert (
        await ada.complete(await ada.ticket(), {"way": "recovery_code", "code": ada.codes[0]})
    ).status_code == 200


async def test_ticket__too_old_or_unknown__refused(ada: Someone) -> None:
    await ada.add_totp()
    ticket = await ada.ticket()
    async with ada.services.engine.begin() as db:
        await db.execute(text("UPDATE app.sign_in_ticket SET expires_at = now()"))
    assert (await ada.complete(ticket, ada.totp_proof())).json()["code"] == "ticket_refused"
    assert (await ada.complete("made up", ada.totp_proof())).json()["code"] == "ticket_refused"


async def test_ticket__anothers_factor_does_not_complete_it(ada: Someone, eve: Someone) -> None:
    await ada.add_totp()
    await eve.add_totp()
    ticket = await ada.ticket()
    for proof in (eve.totp_proof(), {"way": "recovery_code", "code": eve.codes[0]}):
        assert (await ada.complete(ticket, proof)).json()["code"] == "proof_wrong"


async def test_step_up__second_factor_on__the_password_alone_is_not_enough(ada: Someone) -> None:
    await ada.add_totp()
    answer = await ada.send("POST", "/step-up", {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (403, "way_not_offered")
    assert answer.json()["ways"] == ["totp", "recovery_code"]


async def test_factor_changes__need_step_up(ada: Someone) -> None:
    """Fault test 34: a session that is not freshly proved changes nothing about how the account is reached."""
    await ada.add_totp()
    device = await ada.add_passkey()
    (passkey,) = (await ada.ok("GET", "/factors"))["passkeys"]
    options = (await ada.ok("POST", "/factors/passkeys/options"))["public_key"]
    async with ada.services.engine.begin() as db:
        await db.execute(text("UPDATE app.session SET stepped_up_at = now() - interval '6 minutes'"))
    changes = [
        ("POST", "/factors/totp", None),
        ("POST", "/factors/totp/confirm", {"code": ada.code()}),
        ("DELETE", "/factors/totp", None),
        ("POST", "/factors/passkeys/options", None),
        ("POST", "/factors/passkeys", {"name": "x", "credential": device.create(options)}),
        ("DELETE", f"/factors/passkeys/{passkey['id']}", None),
        ("POST", "/factors/recovery-codes", None),
    ]
    before = await ada.ok("GET", "/factors")
    for method, path, body in changes:
        answer = await ada.send(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required"), path
        assert answer.json()["ways"] == ["passkey", "totp", "recovery_code"]
    assert await ada.ok("GET", "/factors") == before
    assert (await ada.prove(ada.totp_proof(wrong(ada)))).status_code == 403
    assert await ada.refused("DELETE", "/factors/totp") == (403, "step_up_required")
    assert (await ada.prove(ada.totp_proof())).status_code == 200
    await ada.ok("DELETE", "/factors/totp")


async def test_recovery_codes__hashed_once_each_and_written_as_people_like(ada: Someone) -> None:
    await ada.add_totp()
    async with ada.services.engine.connect() as db:
        kept = b"".join(await db.scalars(text("SELECT code_hash FROM app.recovery_code")))
    assert all(code.encode() not in kept for code in ada.codes)
    sloppy = ada.codes[0].lower().replace("-", " ")
    proof = {"way": "recovery_code", "code": sloppy}
    assert (await ada.prove(proof)).status_code == 200
    assert (await ada.prove(proof)).json()["code"] == "proof_wrong"
    assert (await ada.ok("GET", "/factors"))["recovery_codes_left"] == 9


async def test_recovery_codes__one_code_ten_times_at_once__one_passes(ada: Someone) -> None:
    await ada.add_totp()
    proof = {"way": "recovery_code", "code": ada.codes[0]}
    answers = await asyncio.gather(*(ada.prove(proof) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [403] * 9


async def test_recovery_codes__made_anew__the_old_ones_end(ada: Someone) -> None:
    await ada.add_totp()
    new = (await ada.ok("POST", "/factors/recovery-codes"))["recovery_codes"]
    assert not set(new) & set(ada.codes)
    assert (await ada.prove({"way": "recovery_code", "code": ada.codes[0]})).status_code == 403
    assert (await ada.prove({"way": "recovery_code", "code": new[0]})).status_code == 200


async def test_recovery_codes__no_factor__refused(ada: Someone) -> None:
    assert await ada.refused("POST", "/factors/recovery-codes") == (409, "no_second_factor")
