"""Wishes of custodial wallets done on the real contracts, call by call as the sender would sign them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from backend.chain import ContractRefused
from backend.contracts import Contracts
from backend.db import make_engine
from backend.governance.content import ProposalNotFound
from backend.hexes import to_hex
from backend.intents.calls import plan
from backend.intents.schemas import IntentIn
from backend.intents.service import Spending
from listener.chain.registry import parse_registry
from listener.chain.rpc import RpcPool
from tests.backend.reads.real_chain import RealChain
from tests.contracts import local_drand
from tests.support.anvil import Anvil
from tools.run.postgres import DatabaseUris

INTENT: TypeAdapter[IntentIn] = TypeAdapter(IntentIn)
ZERO = "0x" + "00" * 20
MILLI = 10**15
Do = Callable[..., Awaitable[list[Spending]]]


@pytest.fixture(scope="module")
def chain() -> Iterator[RealChain]:
    """An anvil with everything deployed."""
    with Anvil() as anvil:
        yield RealChain(anvil)


@pytest.fixture
async def do(chain: RealChain, database: DatabaseUris) -> AsyncIterator[Do]:
    """Plan a wish, make its calls from the wallet, and tell what it said it would spend."""
    pool, engine = RpcPool([chain.anvil.url]), make_engine(database.backend)

    async def done(wallet: str, kind: str, **fields: Any) -> list[Spending]:
        contracts = Contracts(parse_registry(chain.registry()))
        wish = INTENT.validate_python({"kind": kind, **fields})
        calls, spendings = await plan(wish, wallet, pool, contracts, engine)
        for call in calls:
            chain.send_raw(wallet, call.stored())
        return spendings

    yield done
    await pool.close()
    await engine.dispose()


def shown(seconds: int) -> str:
    """A time of the chain as the API takes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def votes_token(chain: RealChain, holder: str) -> Any:
    """A token that votes, all of it somebody's."""
    factory = chain.contracts["TokenFactory"]
    config = ("Votes", "VOTE", holder, holder, 10**25, 10**24, 1, 15)
    salt = len(chain.contracts).to_bytes(32, "big")
    address = factory.functions.predictToken(holder, config, salt).call()
    chain.send(factory.functions.createToken(config, salt, 0), holder)
    return chain.contract("Token", address)


async def test_governance__delegate_propose_vote_queue_execute_and_cancel(
    chain: RealChain, do: Do, database: DatabaseUris, tmp_path: Path
) -> None:
    wallet = chain.accounts[5]
    token = votes_token(chain, wallet)
    governor = chain.govern(token.address, 10**20)
    quorum = to_hex(bytes.fromhex(governor.encode_abi("updateQuorumNumerator", [7])[2:]))
    calls = [{"target": governor.address, "calldata": quorum}]

    await do(wallet, "delegate_votes", delegatee=wallet)
    assert token.functions.delegates(wallet).call() == wallet
    chain.pass_until(chain.now() + 10)
    for name in ("Kept", "Dropped"):
        await do(wallet, "propose", calls=calls, description=f"{name} ü\n\n#proposer={wallet}")
    created = governor.events.ProposalCreated().get_logs(from_block=0)
    kept, dropped = (log["args"]["proposalId"] for log in created)
    (tmp_path / "registry.json").write_text(json.dumps(chain.registry()))
    await asyncio.to_thread(chain.mirror, tmp_path, database.listener)
    with pytest.raises(ProposalNotFound):
        await do(wallet, "cancel_proposal", proposal_id="1")
    await do(wallet, "cancel_proposal", proposal_id=str(dropped))
    chain.pass_until(chain.now() + 3_700)
    await do(wallet, "cast_vote", proposal_id=str(kept), support=1, reason="Because.")
    chain.pass_until(chain.now() + 86_500)
    await do(wallet, "queue_proposal", proposal_id=str(kept))
    await do(wallet, "execute_proposal", proposal_id=str(kept))
    assert [governor.functions.state(one).call() for one in (kept, dropped)] == [7, 2]
    assert governor.functions.quorumNumerator().call() == 7
    await do(wallet, "delegate_votes", delegatee=None)
    assert token.functions.delegates(wallet).call() == ZERO


async def test_raffle__created_with_every_kind_of_prize_then_moved_to_its_end(
    chain: RealChain, do: Do
) -> None:
    raffle, wallet, buyer = chain.contracts["Raffle"], chain.accounts[6], chain.accounts[3]
    money, nft = chain.token(wallet, 1_000), chain.deploy("TestERC721")
    chain.send(nft.functions.mint(wallet, 42), wallet)
    salt, root = "0x" + "05" * 32, "0x" + "06" * 32
    prizes = [
        {"kind": "native", "amount": str(5 * MILLI)},
        {"kind": "native", "amount": str(5 * MILLI)},
        {"kind": "erc20", "token": money.address, "amount": "300"},
        {"kind": "erc721", "token": nft.address, "token_id": "42"},
        {"kind": "erc20", "token": money.address, "amount": "200"},
    ]
    terms = {"title": "Tömbola", "ticket_price": str(MILLI), "min_tickets": "2", "max_tickets": "50"}
    spent = await do(wallet, "create_raffle", **terms, closes_at=shown(chain.now() + 600), prizes=prizes)
    raffle_id = raffle.functions.raffleCount().call()
    assert spent == [Spending(None, 10 * MILLI), Spending(money.address, 500)]
    assert (money.functions.balanceOf(wallet).call(), nft.functions.ownerOf(42).call()) == (
        500,
        raffle.address,
    )
    assert money.functions.allowance(wallet, raffle.address).call() == 0
    info = raffle.functions.infoOf(raffle_id).call()
    assert (info[0], info[2], info[5], info[6], info[10]) == (wallet, MILLI, 2, 50, 5)

    chain.send(raffle.functions.buyTickets(raffle_id, 2, buyer), buyer, 2 * MILLI)
    chain.pass_until(chain.now() + 700)
    await do(wallet, "request_draw", raffle_id=str(raffle_id))
    drand_round, reveal_at = (raffle.functions.drawOf(raffle_id).call()[at] for at in (1, 3))
    chain.pass_until(reveal_at + 2 * local_drand.PERIOD)
    signature = to_hex(local_drand.sign(drand_round))
    await do(wallet, "finish_draw", of="raffle", id=str(raffle_id), signature=signature)
    assert raffle.functions.stateOf(raffle_id).call() == 4
    await do(wallet, "return_prizes", raffle_id=str(raffle_id), ranks=[2, 3, 4])
    assert (money.functions.balanceOf(wallet).call(), nft.functions.ownerOf(42).call()) == (1_000, wallet)
    await do(wallet, "withdraw_proceeds", raffle_id=str(raffle_id))
    owner = chain.accounts[0]
    before = chain.w3.eth.get_balance(owner)
    await do(wallet, "pay_raffle_fees", treasury=owner, token=None)
    assert chain.w3.eth.get_balance(owner) > before

    in_dollars = {**terms, "ticket_price": str(10**8), "in_dollars": True, "prizes": prizes[:1]}
    listed = {"allow_list_root": root, "allow_list_salt": salt}
    closes = shown(chain.now() + 600)
    with pytest.raises(ContractRefused, match="No price feed"):
        await do(wallet, "create_raffle", **in_dollars, closes_at=closes)
    feed = chain.deploy("LocalPriceFeed", 8, 25 * 10**8)
    chain.send(raffle.functions.setPriceFeed(ZERO, feed.address, 86_400), owner)
    await do(wallet, "create_raffle", **in_dollars, **listed, closes_at=closes)
    info = raffle.functions.infoOf(raffle.functions.raffleCount().call()).call()
    assert (info[15], info[16], to_hex(info[17])) == (feed.address, 86_400, root)


async def test_vesting__plan_grants_revocation(chain: RealChain, do: Do) -> None:
    vesting, wallet, people = chain.contracts["Vesting"], chain.accounts[7], chain.accounts[2:5]
    token = chain.token(wallet, 10_000)
    curve = {"start": shown(chain.now()), "cliff": 100, "duration": 1_000, "step": 1, "start_unlock_bps": 0}
    grants = [{"beneficiary": who, "amount": str(1_000 + at)} for at, who in enumerate(people)]
    spent = await do(wallet, "create_plan", token=token.address, curve=curve, grants=grants[:1])
    plan_id = vesting.functions.planCount().call()
    more = await do(wallet, "create_grants", plan_id=str(plan_id), grants=grants[1:])
    assert [spending.amount for spending in [*spent, *more]] == [1_000, 2_003]
    config, creator, count, revocable = vesting.functions.planOf(plan_id).call()
    assert (config[0], tuple(config[2:]), creator, count) == (token.address, (100, 1_000, 1, 0), wallet, 3)
    assert token.functions.balanceOf(wallet).call() == 10_000 - 3_003
    assert token.functions.allowance(wallet, vesting.address).call() == 0
    await do(wallet, "revoke_grant", grant_id=str((plan_id << 64) + 1))
    assert token.functions.balanceOf(wallet).call() == 10_000 - 3_003 + 1_001
    await do(wallet, "renounce_revocation", plan_id=str(plan_id))
    assert (revocable, vesting.functions.planOf(plan_id).call()[3]) == (True, False)
    assert await do(wallet, "create_plan", token=token.address, curve=curve) == []
    assert vesting.functions.planOf(plan_id + 1).call()[1:3] == [wallet, 0]


async def test_token__launched_with_vesting_and_fee_in_pol_then_in_a_token(chain: RealChain, do: Do) -> None:
    factory, vesting, wallet = (
        chain.contracts["TokenFactory"],
        chain.contracts["Vesting"],
        chain.accounts[8],
    )
    owner, fee = chain.accounts[0], 3 * MILLI
    chain.send(factory.functions.setFee(fee, ZERO), owner)
    curve = {"start": shown(chain.now()), "cliff": 0, "duration": 1_000}
    plans = [{"curve": curve, "grants": [{"beneficiary": chain.accounts[2], "amount": "400"}]}]
    launch = {
        "name": "Clövér",
        "symbol": "CLOV",
        "template_id": "1",
        "features": ["burn", "mint"],
        "admin": wallet,
        "initial_supply": "1000",
        "cap": "5000",
        "salt": "0x" + "07" * 32,
    }
    spent = await do(wallet, "create_token", **launch, plans=plans, max_fee=str(fee + 1))
    token = chain.contract("Token", factory.functions.instancesOf(wallet, 0, 1).call()[0])
    assert spent == [Spending(None, fee + 1)]
    assert token.functions.balanceOf(wallet).call() == 600
    assert (token.functions.features().call(), token.functions.cap().call()) == (3, 5_000)
    plan_id = vesting.functions.planCount().call()
    assert vesting.functions.planOf(plan_id).call()[0][0] == token.address

    before = chain.w3.eth.get_balance(owner)
    await do(wallet, "withdraw_factory_fees", token=None)
    assert chain.w3.eth.get_balance(owner) == before + fee
    money = chain.token(wallet, 50)
    chain.send(factory.functions.setFee(20, money.address), owner)
    again = {**launch, "salt": "0x" + "08" * 32, "max_fee": "20"}
    spent = await do(wallet, "create_token", **again)
    assert [spending.amount for spending in spent] == [20]
    assert money.functions.balanceOf(wallet).call() == 30
    chain.send(factory.functions.setFee(0, ZERO), owner)
    assert await do(wallet, "create_token", **{**again, "salt": "0x" + "09" * 32, "max_fee": "0"}) == []
