"""What operators look at over all users: open intents, paused wallets, the platform's accounts, fees on chain."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from eth_abi.abi import encode
from fastapi import FastAPI
from sqlalchemy import text

from backend.hexes import to_hex
from listener.chain.encode import encode_call
from listener.chain.faults import PermanentError, TransientError
from listener.chain.rpc import Call
from tests.backend.reads.contest_kit import Person, sign_up
from tests.backend.reads.facts import ADDRESSES, ChainOfFacts, address, event, shown
from tools.export_abi import compiled_abis

ADMIN = "/api/v1/admin"
COORDINATOR, TREASURY, OWNER, GOLD = (shown(address(number)) for number in (77, 78, 79, 80))
NOBODY = shown(address(0))


class FakeChain:
    """Answers views by a table, balances by another; whatever else is asked is refused."""

    def __init__(self) -> None:
        self.views: dict[tuple[str, str], str] = {}
        self.native: dict[str, int] = {}
        self.is_away = False

    def says(self, to: str, data: bytes, kinds: Sequence[str], values: Sequence[Any]) -> None:
        self.views[to.lower(), to_hex(data)] = to_hex(encode(list(kinds), list(values)))

    async def batch(self, calls: Sequence[Call], **_: Any) -> list[Any]:
        if self.is_away:
            raise TransientError("nobody answers")
        return [self._answer(call) for call in calls]

    def _answer(self, call: Call) -> Any:
        if call.method == "eth_getBalance":
            return hex(self.native.get(call.params[0].lower(), 0))
        asked = call.params[0]
        return self.views.get((asked["to"].lower(), asked["data"]), PermanentError("execution reverted"))

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def chain(app: FastAPI) -> FakeChain:
    made = FakeChain()
    app.state.services.rpc = made
    return made


@pytest.fixture
async def staff(app: FastAPI, facts: ChainOfFacts) -> AsyncIterator[Person]:
    """Somebody of support, on a chain that has a block."""
    facts.block()
    person = await sign_up(app, "sue")
    await run(person, "UPDATE app.\"user\" SET role = 'support' WHERE email = 'sue@example.org'")
    yield person
    await person.http.aclose()


async def run(person: Person, statement: str, **values: Any) -> Any:
    async with person.services.engine.begin() as db:
        found = await db.execute(text(statement), values)
        return found.scalar() if found.returns_rows else None


async def read(person: Person, path: str, **params: Any) -> Any:
    answer = await person.http.get(f"{ADMIN}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def intend(person: Person, wallet: str, state: str, age: str) -> str:
    return str(
        await run(
            person,
            "INSERT INTO app.intent (id, wallet_id, user_id, kind, params, calls, state, created_at)"
            " SELECT gen_random_uuid(), w.id, w.user_id, 'transfer', '{}', '[]', :state,"
            " now() - CAST(:age AS text)::interval FROM app.wallet w"
            " WHERE w.address = decode(substr(:wallet, 3), 'hex') RETURNING id",
            state=state,
            age=age,
            wallet=wallet,
        )
    )


async def test_open_intents__of_all_users__oldest_first_without_the_ended_and_the_young(
    staff: Person, otto: Person
) -> None:
    old = await intend(staff, otto.wallet, "broadcast", "2 hours")
    await intend(staff, otto.wallet, "confirmed", "3 hours")
    mine = await intend(staff, staff.wallet, "created", "1 hour")
    young = await intend(staff, otto.wallet, "created", "1 minute")
    found = (await read(staff, "intents"))["items"]
    assert [(one["id"], one["state"], one["wallet_address"]) for one in found] == [
        (old, "broadcast", otto.wallet),
        (mine, "created", staff.wallet),
    ]
    assert found[0]["owner_id"] != found[1]["owner_id"]
    first = await read(staff, "intents", older_than=0, limit=2)
    rest = await read(staff, "intents", older_than=0, limit=2, cursor=first["next_cursor"])
    assert ([one["id"] for one in rest["items"]], rest["next_cursor"]) == ([young], None)


async def test_open_intents__of_a_frozen_and_paused_wallet__says_so(staff: Person, otto: Person) -> None:
    await intend(staff, otto.wallet, "created", "1 hour")
    await run(
        staff,
        "UPDATE app.wallet SET frozen_at = now(), frozen_reason = 'x', paused_reason = 'fee cap',"
        " paused_until = now() + interval '1 minute'",
    )
    (found,) = (await read(staff, "intents"))["items"]
    assert (found["wallet_frozen"], found["paused_reason"]) == (True, "fee cap")


async def test_paused_wallets__only_while_they_are(staff: Person, otto: Person) -> None:
    assert await read(staff, "wallets/paused") == {"items": [], "total": 0}
    await intend(staff, otto.wallet, "created", "1 hour")
    pause = (
        "UPDATE app.wallet SET paused_reason = 'keys unavailable', paused_until = now() + CAST(:left AS text)::interval"
        " WHERE address = decode(substr(:wallet, 3), 'hex')"
    )
    await run(staff, pause, left="1 minute", wallet=otto.wallet)
    await run(staff, pause, left="-1 minute", wallet=staff.wallet)
    found = await read(staff, "wallets/paused")
    (paused,) = found["items"]
    assert (found["total"], paused["address"], paused["open_intents"]) == (1, otto.wallet, 1)
    assert (paused["role"], paused["paused_reason"]) == ("user", "keys unavailable")


async def test_platform__wallets_and_subscriptions(staff: Person, chain: FakeChain) -> None:
    keeper = shown(address(90))
    await run(
        staff,
        "INSERT INTO app.wallet (id, role, address) VALUES (gen_random_uuid(), 'keeper', :address)",
        address=address(90),
    )
    chain.native[keeper.lower()] = 5 * 10**17
    abis = compiled_abis()
    for name, number, native in (("Raffle", 7, True), ("Contest", 8, False)):
        config = (COORDINATOR, number, b"\x01" * 32, 100_000, 3, native)
        kinds = ["(address,uint256,bytes32,uint32,uint16,bool)"]
        chain.says(ADDRESSES[name], encode_call(abis[name], "vrfConfig"), kinds, [config])
    get = [{"type": "function", "name": "getSubscription", "inputs": [{"type": "uint256"}], "outputs": []}]
    kinds = ["uint96", "uint96", "uint64", "address", "address[]"]
    chain.says(COORDINATOR, encode_call(get, "getSubscription", [7]), kinds, [11, 22, 3, OWNER, [OWNER]])
    found = await read(staff, "platform")
    (wallet,) = found["wallets"]
    assert (wallet["role"], wallet["address"], wallet["balance"]) == ("keeper", keeper, str(5 * 10**17))
    assert [(one["contract"], one["pays_native"], one["balance"]) for one in found["vrf"]] == [
        ("Raffle", True, "22"),
        ("Contest", False, None),
    ]


async def test_platform__without_vrf_or_without_the_view__has_no_subscription(
    staff: Person, chain: FakeChain
) -> None:
    config = (NOBODY, 0, bytes(32), 0, 0, False)
    call = encode_call(compiled_abis()["Raffle"], "vrfConfig")
    chain.says(ADDRESSES["Raffle"], call, ["(address,uint256,bytes32,uint32,uint16,bool)"], [config])
    assert (await read(staff, "platform"))["vrf"] == []


async def test_chain_away__503(staff: Person, chain: FakeChain) -> None:
    chain.is_away = True
    for path in ("platform", "fees"):
        answer = await staff.http.get(f"{ADMIN}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (503, "chain_unavailable")


async def test_fees__what_they_are_and_what_waits(
    staff: Person, facts: ChainOfFacts, chain: FakeChain
) -> None:
    abis = compiled_abis()
    factory, raffle = ADDRESSES["TokenFactory"], ADDRESSES["Raffle"]
    facts.block(
        event("TokenFactory", "FeePaid", token=address(1), payer=address(2), currency=address(80), amount=5),
        *(
            event(
                "Raffle",
                "ProceedsWithdrawn",
                raffleId=number,
                organiser=address(2),
                token=address(token),
                amount=100,
                fee=fee,
                treasury=address(78),
            )
            for number, token, fee in ((1, 0, 3), (2, 80, 4), (3, 81, 0))
        ),
    )
    answers: tuple[tuple[str, str, Sequence[Any], str, Any], ...] = (
        (factory, "fee", (), "uint256", 10**18),
        (factory, "feeCurrency", (), "address", NOBODY),
        (factory, "treasury", (), "address", TREASURY),
        (factory, "owner", (), "address", OWNER),
        (raffle, "owner", (), "address", OWNER),
        (raffle, "feesOf", (TREASURY, NOBODY), "uint256", 3),
        (raffle, "feesOf", (TREASURY, GOLD), "uint256", 0),
    )
    names = {factory: "TokenFactory", raffle: "Raffle"}
    for to, view, arguments, kind, value in answers:
        chain.says(to, encode_call(abis[names[to]], view, arguments), [kind], [value])
    chain.says(raffle, encode_call(abis["Raffle"], "feeConfig"), ["uint16", "address"], [250, TREASURY])
    balance_of = encode_call(abis["Token"], "balanceOf", [factory])
    chain.says(GOLD, balance_of, ["uint256"], [5])
    chain.native[factory.lower()] = 2 * 10**18
    found = await read(staff, "fees")
    made = found["factory"]
    assert (made["fee"], made["token"], made["symbol"], made["owner"]) == (str(10**18), None, "POL", OWNER)
    assert [(one["token"], one["amount"], one["treasury"]) for one in made["waiting"]] == [
        (None, str(2 * 10**18), TREASURY),
        (GOLD, "5", TREASURY),
    ]
    assert (found["raffle"]["fee_bps"], found["raffle"]["treasury"]) == (250, TREASURY)
    assert [(one["token"], one["symbol"], one["amount"]) for one in found["raffle"]["waiting"]] == [
        (None, "POL", "3")
    ]


async def test_fees__other_contracts_at_these_addresses__nothing_is_made_up(
    staff: Person, chain: FakeChain
) -> None:
    assert await read(staff, "fees") == {"factory": None, "raffle": None}
