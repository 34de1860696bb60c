"""What a journey needs besides the story: raffles and grants of its own, made on the chain by their owners."""

from typing import Any

import psycopg
from web3.contract import Contract
from web3.logs import DISCARD

from tests.flow.system import System
from tests.support.waiting import wait_until
from tools.story.faces import Chain
from tools.story.steps import DAY, NATIVE, WEI, ZERO

TICKET = WEI // 100
PATIENCE = 30


def chain_of(system: System) -> Chain:
    """The system's chain with its unlocked accounts."""
    return Chain(system.rpc_url, system.state / "deployments" / "31337.json")


def create_raffle(
    system: System, title: str, *, least: int, most: int, closes_in: int = DAY, prize: int = WEI
) -> str:
    """An open raffle for POL with one prize, by the story's organiser; its id."""
    chain = chain_of(system)
    raffle = chain.contract("Raffle")
    terms = (ZERO, TICKET, chain.now() + closes_in, least, most, 0, title, [(NATIVE, ZERO, prize, 0)])
    receipt = chain.send(raffle.functions.createRaffle(terms), chain.accounts[2], prize)
    event = raffle.events.RaffleCreated().process_receipt(receipt, errors=DISCARD)[0]
    raffle_id = str(event["args"]["raffleId"])
    wait_until(
        lambda: system.mirrored(receipt["blockNumber"]), PATIENCE, what=f"raffle {raffle_id} in the mirror"
    )
    return raffle_id


def grant_with_cliff(system: System, beneficiary: Any, *, cliff_in: int, amount: int) -> str:
    """A grant of the story's token whose cliff is so many seconds ahead, by its issuer; its id."""
    chain = chain_of(system)
    vesting, issuer = chain.contract("Vesting"), chain.accounts[1]
    token = chain.contract("Token", system.story["token"])
    hour = 3_600
    plan = (token.address, chain.now() - hour, hour + cliff_in, 4 * hour, 60, 0)
    receipt = chain.send(vesting.functions.createPlan(plan), issuer)
    plan_id = vesting.events.PlanCreated().process_receipt(receipt, errors=DISCARD)[0]["args"]["planId"]
    chain.send(token.functions.approve(vesting.address, amount), issuer)
    receipt = chain.send(vesting.functions.grant(plan_id, [(beneficiary, amount)]), issuer)
    wait_until(lambda: system.mirrored(receipt["blockNumber"]), PATIENCE, what="the grant in the mirror")
    return str(plan_id << 64)


def governance_token(system: System) -> Contract:
    """The token whose holders vote; the issuer holds it all at first."""
    return chain_of(system).contract("Token", system.get("/governance")["token"])


def lend_votes(system: System, to: Any, amount: int) -> None:
    """Give somebody tokens that vote; they count for nothing, as nobody votes with what this one holds."""
    chain, token = chain_of(system), governance_token(system)
    chain.send(token.functions.delegate(ZERO), to)
    receipt = chain.send(token.functions.transfer(to, amount), chain.accounts[1])
    wait_until(lambda: system.mirrored(receipt["blockNumber"]), PATIENCE, what="the tokens in the mirror")


def votes_before(system: System, account: Any) -> int:
    """What somebody could vote with a second before the latest block."""
    chain = chain_of(system)
    return int(chain.contract("Governor").functions.getVotes(account, chain.now() - 1).call())


def propose(system: System, title: str) -> str:
    """A proposal of the issuer's to leave the quorum as it is; its id."""
    chain = chain_of(system)
    governor, token, issuer = chain.contract("Governor"), governance_token(system), chain.accounts[1]
    if token.functions.delegates(issuer).call() != issuer:
        chain.send(token.functions.delegate(issuer), issuer)
        before = chain.now()
        wait_until(lambda: chain.now() > before, PATIENCE, what="a block after the delegation")
    percent = int(system.get("/governance")["quorum_percent"])
    call = governor.encode_abi("updateQuorumNumerator", [percent])
    receipt = chain.send(governor.functions.propose([governor.address], [0], [call], title), issuer)
    created = governor.events.ProposalCreated().process_receipt(receipt, errors=DISCARD)[0]
    wait_until(lambda: system.mirrored(receipt["blockNumber"]), PATIENCE, what="the proposal in the mirror")
    return str(created["args"]["proposalId"])


def failed_job(system: System) -> str:
    """A mail that could not be delivered for good, and that nobody waits for any more; the job's id."""
    with psycopg.connect(system.environment["DATABASE_URL"], autocommit=True) as database:
        row = database.execute(
            "INSERT INTO jobs.procrastinate_jobs (task_name, queue_name, args, status)"
            " VALUES ('deliver_mail', 'mail', jsonb_build_object('mail_id', gen_random_uuid()), 'failed')"
            " RETURNING id"
        ).fetchone()
    assert row is not None
    return str(row[0])
