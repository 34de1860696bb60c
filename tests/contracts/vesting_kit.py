"""Vesting behind its proxy, plans with grants on it, and what is signed or proven for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from listener.chain.draw.merkle import Tree
from tests.contracts.kit import DAY, ZERO, event, now, pass_until

YEAR = 365 * DAY
MOST_AMOUNT = 2**95 - 1
MOST_START = 2**34 - 1
MOST_PAUSE, PAUSE_COOLDOWN = 7 * DAY, 30 * DAY
RECOVERY_PERIOD, RECOVERY_WINDOW, RECOVERY_COOLDOWN = 30 * DAY, 30 * DAY, 180 * DAY
IMPLEMENTATION_SLOT = int.from_bytes(keccak(text="eip1967.proxy.implementation")) - 1

Leaf = tuple[Any, int]


def vested(curve: tuple[int, ...], amount: int, time: int) -> int:
    """The twin of the curve, written from the words of IVestingBook and nothing else."""
    start, cliff, duration, step, unlock_bps = curve
    if time < start:
        return 0
    if time >= start + duration:
        return amount
    unlock = amount * unlock_bps // 10_000
    if time < start + cliff:
        return unlock
    return unlock + (amount - unlock) * ((time - start) // step * step) // duration


def vested_by_tranches(tranches: Sequence[tuple[int, int]], amount: int, time: int) -> int:
    """The twin of dated tranches: those that came, as basis points in all."""
    return amount * max((bps for at, bps in tranches if at <= time), default=0) // 10_000


def deploy_vesting(project: Any, deployer: Any, owner: Any, guardian: Any) -> Any:
    """An implementation and the proxy in front of it, as the deploy script makes them."""
    implementation = deployer.deploy(project.Vesting)
    data = implementation.initialize.encode_input(owner, guardian)
    return project.Vesting.at(deployer.deploy(project.VestingProxy, implementation, data).address)


def plan(token: Any, **changes: Any) -> tuple[Any, ...]:
    """A year with a cliff of 90 days, in steps of a day, a tenth at once."""
    terms = {
        "token": token,
        "start": 2_000_000_000,
        "cliff": 90 * DAY,
        "duration": YEAR,
        "step": DAY,
        "startUnlockBps": 1_000,
    }
    return tuple((terms | changes).values())


def release_digest(
    vesting: Any, grant_id: int, to: Any, nonce: int, deadline: int, chain_id: int = 31337
) -> dict[str, Any]:
    """EIP-712 data of `releaseBySig`."""
    fields = ("grantId uint256", "to address", "nonce uint256", "deadline uint256")
    return {
        "domain_data": {
            "name": "Tombola Vesting",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": vesting.address,
        },
        "message_types": {
            "Release": [dict(zip(("name", "type"), field.split(), strict=True)) for field in fields]
        },
        "message_data": {"grantId": grant_id, "to": str(to), "nonce": nonce, "deadline": deadline},
    }


def sign_release(vesting: Any, signer: Any, grant_id: int, to: Any, deadline: int, **changes: Any) -> bytes:
    """The beneficiary's signature over a release to `to`, with the next nonce."""
    values = {"nonce": vesting.nonces(signer)} | changes
    data = release_digest(vesting, grant_id, to, deadline=deadline, **values)
    return bytes(Account.sign_typed_data(signer.private_key, **data).signature)


def hash_release(vesting: Any, grant_id: int, to: Any, nonce: int, deadline: int) -> bytes:
    """What a contract is asked whether it signed it."""
    message = encode_typed_data(**release_digest(vesting, grant_id, to, nonce, deadline))
    return keccak(b"\x19" + message.version + message.header + message.body)


def payment_nonce(plan_id: int, grants: Sequence[tuple[Any, int]], salt: bytes) -> bytes:
    """The ERC-3009 nonce that binds a payment to its grants."""
    rows = [(str(beneficiary), amount) for beneficiary, amount in grants]
    return keccak(encode(["uint256", "(address,uint96)[]", "bytes32"], [plan_id, rows, salt]))


def campaign_id(creator: Any, salt: bytes) -> int:
    return int.from_bytes(keccak(encode(["address", "bytes32"], [str(creator), salt])))


def campaign_tree(vesting: Any, number: int, leaves: Sequence[Leaf], chain_id: int = 31337) -> Tree:
    """The tree of a campaign's leaves, each (beneficiary, amount)."""
    types = ["uint256", "address", "uint256", "uint64", "address", "uint96"]
    return Tree(
        [
            keccak(encode(types, [chain_id, vesting.address, number, index, str(beneficiary), amount]))
            for index, (beneficiary, amount) in enumerate(leaves)
        ]
    )


@dataclass
class Campaign:
    """One that was created, and its tree."""

    number: int
    plan_id: int
    tree: Tree
    leaves: Sequence[Leaf]
    deadline: int

    def claim(self, vesting: Any, leaf: int, sender: Any, **changes: Any) -> Any:
        beneficiary, amount = self.leaves[leaf]
        values = {
            "index": leaf,
            "beneficiary": beneficiary,
            "amount": amount,
            "proof": self.tree.proof(leaf),
        } | changes
        return vesting.claim(self.number, *values.values(), sender=sender)


@dataclass(frozen=True)
class VestingKit:
    """One vesting contract, the token of its plans, and whoever creates them."""

    vesting: Any
    token: Any
    chain: Any
    creator: Any

    def now(self) -> int:
        return now(self.chain)

    def create(self, *grants: Leaf, **changes: Any) -> int:
        """A plan with grants that starts in a day unless `changes` say otherwise; the first grant's id."""
        config = plan(changes.pop("token", self.token), **({"start": self.now() + DAY} | changes))
        receipt = self.vesting.createPlanFor(ZERO, config, list(grants), sender=self.creator)
        return int(event(receipt, "PlanCreated").planId) << 64

    def empty_plan(self, **changes: Any) -> int:
        """A plan without grants; its id."""
        config = plan(self.token, **({"start": self.now() + DAY} | changes))
        return int(event(self.vesting.createPlan(config, sender=self.creator), "PlanCreated").planId)

    def start_of(self, grant_id: int) -> int:
        return int(self.vesting.planOf(grant_id >> 64)[0].start)

    def wait(self, grant_id: int, after_start: int) -> None:
        """The next block is this many seconds after the plan's start."""
        pass_until(self.chain, self.start_of(grant_id) + after_start)

    def campaign(
        self, plan_id: int, leaves: Sequence[Leaf], salt: bytes = bytes(32), **changes: Any
    ) -> Campaign:
        """A campaign over these leaves, open for 10 days."""
        number = campaign_id(self.creator, salt)
        tree = campaign_tree(self.vesting, number, leaves)
        values = {
            "planId": plan_id,
            "root": tree.root,
            "leaves": len(leaves),
            "total": sum(amount for _, amount in leaves),
            "deadline": self.now() + 10 * DAY,
        } | changes
        self.vesting.createCampaign(tuple(values.values()), salt, sender=self.creator)
        return Campaign(number, plan_id, tree, leaves, values["deadline"])
