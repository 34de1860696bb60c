"""One-time codes: set up, used once each, guessed in vain. Fault test 33."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.factors import totp
from backend.wallets.kms import KmsError
from tests.backend.factors.person import Clock, Someone


def wrong(someone: Someone) -> str:
    """A code that the app does not show within half an hour."""
    near = {someone.code(steps) for steps in range(-60, 61)}
    return next(code for code in (f"{number:06}" for number in range(200)) if code not in near)


async def test_enrol__confirmed_by_a_code__is_on_and_gives_recovery_codes(ada: Someone) -> None:
    begun = await ada.ok("POST", "/factors/totp")
    assert f"secret={begun['secret']}" in begun["otpauth_uri"]
    assert begun["otpauth_uri"].startswith("otpauth://totp/Tombola:ada%40example.org?")
    assert (await ada.ok("GET", "/factors"))["ways"] == []
    ada.secret = begun["secret"]
    assert await ada.refused("POST", "/factors/totp/confirm", {"code": wrong(ada)}) == (403, "code_wrong")
    made = await ada.ok("POST", "/factors/totp/confirm", {"code": ada.code()})
    assert len(set(made["recovery_codes"])) == 10
    shown = await ada.ok("GET", "/factors")
    assert (shown["ways"], shown["recovery_codes_left"]) == (["totp", "recovery_code"], 10)
    assert shown["totp_since"]
    assert await ada.refused("POST", "/factors/totp") == (409, "totp_exists")


async def test_confirm__nothing_begun_or_too_late__409(ada: Someone, clock: Clock) -> None:
    assert await ada.refused("POST", "/factors/totp/confirm", {"code": "123456"}) == (
        409,
        "enrolment_missing",
    )
    ada.secret = (await ada.ok("POST", "/factors/totp"))["secret"]
    clock.tick(601)
    assert await ada.refused("POST", "/factors/totp/confirm", {"code": ada.code()}) == (
        409,
        "enrolment_missing",
    )


async def test_enrol_again__only_the_newest_secret_confirms(ada: Someone) -> None:
    ada.secret = (await ada.ok("POST", "/factors/totp"))["secret"]
    old = ada.code()
    ada.secret = (await ada.ok("POST", "/factors/totp"))["secret"]
    assert await ada.refused("POST", "/factors/totp/confirm", {"code": old}) == (403, "code_wrong")
    await ada.ok("POST", "/factors/totp/confirm", {"code": ada.code()})


async def test_secret__sealed_for_its_user_and_factor(ada: Someone, eve: Someone) -> None:
    await ada.add_totp()
    await eve.add_totp()
    engine, kms = ada.services.engine, ada.services.kms
    async with engine.begin() as db:
        rows = (await db.execute(text("SELECT id, user_id, sealed FROM app.totp ORDER BY created_at"))).all()
        for row in rows:
            assert ada.secret.encode() not in row.sealed
            opened = await kms.open(
                row.sealed, {"kind": "totp", "owner": str(row.user_id), "factor": str(row.id)}
            )
            assert opened.decode() in (ada.secret, eve.secret)
        with pytest.raises(KmsError):
            await kms.open(
                rows[0].sealed, {"kind": "totp", "owner": str(rows[1].user_id), "factor": str(rows[0].id)}
            )
        # Eve's row with Ada's secret in it: it does not open, so nobody passes with it.
        await db.execute(
            text("UPDATE app.totp SET sealed = :sealed WHERE id = :id"),
            {"sealed": rows[0].sealed, "id": rows[1].id},
        )
    answer = await eve.prove({"way": "totp", "code": ada.code()})
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")


async def test_replay__a_code_used_once_is_wrong_ever_after(ada: Someone, clock: Clock) -> None:
    await ada.add_totp()
    used = ada.code()
    assert (await ada.prove(ada.totp_proof(used))).status_code == 200
    again = await ada.prove(ada.totp_proof(used))
    assert (again.status_code, again.json()["code"]) == (403, "proof_wrong")
    ticket = await ada.ticket()
    assert (await ada.complete(ticket, ada.totp_proof(used))).json()["code"] == "proof_wrong"
    # One step later it would still be near enough: it stays used up, and so does what came before it.
    clock.tick()
    assert (await ada.complete(ticket, ada.totp_proof(used))).json()["code"] == "proof_wrong"
    assert (await ada.complete(ticket, ada.totp_proof())).status_code == 200
    assert (await ada.complete(await ada.ticket(), ada.totp_proof(ada.code(-1)))).status_code == 403


async def test_replay__confirming_uses_the_code_up(ada: Someone) -> None:
    ada.secret = (await ada.ok("POST", "/factors/totp"))["secret"]
    code = ada.code()
    await ada.ok("POST", "/factors/totp/confirm", {"code": code})
    assert (await ada.prove(ada.totp_proof(code))).status_code == 403


async def test_replay__ten_uses_at_once__one_passes(ada: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    await ada.add_totp()
    opening = totp._secret

    async def slowly(*arguments: Any) -> str:
        await asyncio.sleep(0.05)  # a slow key service: time enough for the others to get as far
        return await opening(*arguments)

    monkeypatch.setattr(totp, "_secret", slowly)
    async with AsyncSession(ada.services.engine) as db:
        user_id = await db.scalar(text("SELECT user_id FROM app.totp"))
    code = ada.code()

    async def use() -> bool:
        async with AsyncSession(ada.services.engine, expire_on_commit=False) as db:
            try:
                await totp.use(db, ada.services.kms, user_id, code)
            except totp.ProofWrong:
                await db.commit()
                return False
            except totp.CodesThrottled:
                return False
            await db.commit()
            return True

    assert sum(await asyncio.gather(*(use() for _ in range(10)))) == 1


async def test_replay__the_database_itself_refuses(ada: Someone) -> None:
    await ada.add_totp()
    for change in ("last_step - 1", "last_step", "NULL"):
        async with ada.services.engine.connect() as db:
            with pytest.raises(IntegrityError, match="would be used again"):
                await db.execute(text(f"UPDATE app.totp SET last_step = {change}"))


@pytest.mark.parametrize(("steps", "status"), [(-2, 403), (-1, 200), (0, 200), (1, 200), (2, 403)])
async def test_clocks__one_step_either_way(ada: Someone, clock: Clock, steps: int, status: int) -> None:
    await ada.add_totp()
    clock.tick(300)
    assert (await ada.prove(ada.totp_proof(ada.code(steps)))).status_code == status


async def test_guessing__this_way_rests_and_the_others_go_on(ada: Someone, clock: Clock) -> None:
    await ada.add_totp()
    device = await ada.add_passkey()
    guesses = [await ada.prove(ada.totp_proof(wrong(ada))) for _ in range(5)]
    assert {answer.status_code for answer in guesses} == {403}
    # The right code too: a guesser must not learn that they guessed it.
    stopped = await ada.prove(ada.totp_proof())
    assert (stopped.status_code, stopped.json()["code"]) == (429, "codes_throttled")
    assert stopped.json()["ways"] == ["passkey", "recovery_code"]
    assert 0 < int(stopped.headers["retry-after"]) <= 900
    # No weapon: a recovery code completes the sign-in, a passkey signs in and steps up.
    ticket = await ada.ticket()
    assert (await ada.complete(ticket, ada.totp_proof())).status_code == 429
    by_code = await ada.complete(ticket, {"way": "recovery_code", "code": ada.codes[0]})
    assert by_code.status_code == 200
    ada.take(by_code.json())
    assert (await ada.send("POST", "/factors/recovery-codes")).status_code == 200
    options = await ada.ok("POST", "/step-up/passkey-options")
    by_passkey = await ada.prove({"way": "passkey", "credential": device.get(options["public_key"])})
    assert by_passkey.status_code == 200
    clock.tick(901)
    assert (await ada.prove(ada.totp_proof())).status_code == 200


async def test_guessing__a_hundred_at_once__five_are_judged(ada: Someone) -> None:
    await ada.add_totp()
    answers = await asyncio.gather(*(ada.prove(ada.totp_proof(wrong(ada))) for _ in range(40)))
    assert sorted(answer.status_code for answer in answers) == [403] * 5 + [429] * 35


async def test_guessing__a_session_that_stepped_up_is_not_stopped(ada: Someone) -> None:
    await ada.add_totp()
    for _ in range(6):
        await ada.prove(ada.totp_proof(wrong(ada)))
    assert (await ada.send("POST", "/factors/recovery-codes")).status_code == 200
    assert (await ada.send("GET", "/me")).status_code == 200


async def test_guessing__somebody_elses_wrong_codes_do_not_count_for_me(ada: Someone, eve: Someone) -> None:
    await ada.add_totp()
    await eve.add_totp()
    for _ in range(6):
        await eve.prove(eve.totp_proof(wrong(eve)))
    assert (await ada.prove(ada.totp_proof())).status_code == 200


async def test_remove__codes_count_no_more(ada: Someone) -> None:
    await ada.add_totp()
    await ada.ok("DELETE", "/factors/totp")
    assert (await ada.ok("GET", "/factors"))["recovery_codes_left"] == 0
    assert (await ada.password()).status_code == 200
    await ada.sign_in()
    assert (await ada.prove(ada.totp_proof())).status_code == 403
    await ada.step_up()
    assert await ada.refused("DELETE", "/factors/totp") == (404, "factor_not_found")


async def test_use__nobody__proof_wrong(ada: Someone) -> None:
    async with AsyncSession(ada.services.engine) as db:
        with pytest.raises(totp.ProofWrong):
            await totp.use(db, ada.services.kms, uuid4(), "123456")
    assert timedelta(minutes=15) == totp.FAILURE_WINDOW
