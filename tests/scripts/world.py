"""A local chain with everything deployed by the real script and answered by the real oracle.

The chain's clock starts an hour behind the wall clock and the beacon's two hours: rounds that the chain
reaches by `skip` are published already, so no test waits for a reveal.
"""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from listener.chain.draw.allow_list import allow_key, allow_leaf
from listener.chain.draw.drand import decompress
from listener.chain.draw.exclusions import exclusion_leaves, exclusion_root
from listener.chain.draw.merkle import Tree, contest_key, id_hash, leaf_hash, salt_of
from listener.chain.draw.standing import repeats
from listener.chain.draw.sums import SumTree
from listener.chain.draw.terms import ZERO_ADDRESS, ContestDetails, ContestTerms, text_hash
from listener.chain.encode import decode_result, encode_call
from listener.chain.registry import Registry, load_registry
from scripts._chain import ChainReader
from tests.support.anvil import Anvil, dev_account
from tests.support.processes import ROOT, Process
from tests.support.waiting import wait_until
from tools.oracle.__main__ import deployment_info
from tools.oracle.key import BeaconKey, load_or_create
from tools.ports import free_port

HOUR = 3600
ORACLE = dev_account(9)
ORGANISER, ALICE, BOB = (dev_account(index).address for index in (0, 1, 2))
RULES, POST = "One entry per person. Следите за нами.", "https://example.org/post/1"
WEIGHTED_POST = "https://example.org/post/2"


def ape_run(*arguments: str, env: dict[str, str], timeout: float = 90) -> tuple[int, str]:
    """Exit code and output of `ape run …`."""
    with Process([Path(sys.executable).with_name("ape"), "run", *arguments], env=env) as process:
        return process.wait(timeout), process.text


def past_beacon(state_dir: Path) -> BeaconKey:
    """A beacon that has been running for two hours."""
    state_dir.mkdir(parents=True)
    secret, genesis = 0xC0FFEE, int(time.time()) - 2 * HOUR
    (state_dir / "beacon.json").write_text(json.dumps({"secret": str(secret), "genesis_time": str(genesis)}))
    return load_or_create(state_dir)


@dataclass
class World:
    """Chain, deployment and oracle in one folder."""

    folder: Path
    anvil: Anvil
    key: BeaconKey
    beacon_port: int = field(default_factory=free_port)

    @property
    def network(self) -> str:
        return f"ethereum:local:{self.anvil.url}"

    @property
    def env(self) -> dict[str, str]:
        """What scripts and oracle are started with."""
        key_file = self.folder / "oracle.key"
        key_file.write_text(ORACLE.private_key)
        return {
            "DEPLOYMENTS_DIR": str(self.folder / "deployments"),
            "REGISTRY": str(self.folder / "deployments" / "31337.json"),
            "STATE_DIR": str(self.folder / "state"),
            "RPC_URLS": self.anvil.url,
            "ORACLE_KEY_FILE": str(key_file),
            "BEACON_PORT": str(self.beacon_port),
        }

    @property
    def registry(self) -> Registry:
        return load_registry(self.env["REGISTRY"])

    def deploy(self, *options: str, env: dict[str, str] | None = None) -> tuple[int, str]:
        """Run the deploy script as `make run` does."""
        info = self.folder / "drand.json"
        info.write_text(json.dumps(deployment_info(self.folder / "state")))
        arguments = ["deploy", "--network", self.network, "--account", "TEST::0", "--drand-info", str(info)]
        return ape_run(*arguments, *options, env={**self.env, **(env or {})})

    def oracle(self) -> Process:
        """A running oracle; end it by its context."""
        process = Process([sys.executable, "-m", "tools.oracle"], env=self.env)
        process.wait_for_http(f"http://127.0.0.1:{self.beacon_port}/healthz", timeout=20)
        return process

    def send(self, name: str, function: str, *arguments: Any, sender: str = ORGANISER, value: int = 0) -> Any:
        """A transaction of an unlocked account; its receipt. Fails when it reverts."""
        found = self.submit(name, function, *arguments, sender=sender, value=value)
        receipt = wait_until(lambda: self.anvil.call("eth_getTransactionReceipt", found), what="a receipt")
        assert receipt["status"] == "0x1", f"{name}.{function} reverted"
        return receipt

    def submit(
        self, name: str, function: str, *arguments: Any, sender: str = ORGANISER, value: int = 0
    ) -> str:
        """The hash of such a transaction, mined or not."""
        contract = self.registry.contract(name)
        data = "0x" + encode_call(contract.abi, function, arguments).hex()
        call = {"from": sender, "to": contract.address, "data": data, "value": hex(value)}
        return str(self.anvil.call("eth_sendTransaction", call))

    def view(self, name: str, function: str, *arguments: Any) -> Any:
        """What a view returns, raw."""
        contract = self.registry.contract(name)
        data = "0x" + encode_call(contract.abi, function, arguments).hex()
        raw = self.anvil.call("eth_call", {"to": contract.address, "data": data}, "latest")
        values = decode_result(contract.abi, function, bytes.fromhex(raw[2:]))
        return values[0] if len(values) == 1 else values

    @property
    def reader(self) -> ChainReader:
        """The chain as verify_draw reads it, without ape."""
        return ChainReader(lambda method, params: self.anvil.call(method, *params))

    @property
    def now(self) -> int:
        """The chain's time."""
        return int(self.anvil.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def skip(self, seconds: int) -> None:
        """Move the chain's clock and mine a block."""
        self.anvil.call("evm_increaseTime", seconds)
        self.anvil.mine()

    def finalise(self, name: str, draw_id: int) -> Any:
        """Hand in the round's signature once the reveal has passed."""
        draw = self.view(name, "drawOf", draw_id)
        self.skip(max(0, draw[3] - self.now) + 1)
        return self.send(name, "finalise", draw_id, decompress(self.key.sign(draw[1])), sender=BOB)

    def await_word(self, name: str, draw_id: int) -> None:
        """Let the request be confirmed and wait until the oracle's VRF word is stored."""
        self.anvil.mine()
        wait_until(lambda: self.view(name, "drawOf", draw_id)[5] != 0, 15, what="a VRF word")

    def listed_raffle(self) -> int:
        """As `drawn_raffle`, without VRF, for one person on an allow-list."""
        salt = b"\x05" * 32
        raffle = self.registry.contract("Raffle").address
        key = allow_key(ORGANISER, salt)
        leaf = allow_leaf(chain_id=31337, contract=str(raffle), key=key, account=ALICE, allowance=4)
        prizes = [(0, ZERO_ADDRESS, 10**18, 0)]
        config = (ZERO_ADDRESS, 10**16, self.now + 600, 1, 100, 0, "For guests", prizes)
        self.send("Raffle", "createRaffleWith", config, (ZERO_ADDRESS, 0, leaf, salt), value=10**18)
        raffle_id = int(self.view("Raffle", "raffleCount"))
        purchase = (raffle_id, 3, ALICE, 3 * 10**16, 4, [])
        self.send("Raffle", "buyTicketsWith", purchase, (0, b""), sender=BOB, value=3 * 10**16)
        self.skip(601)
        self._request_and_pass_the_deadline(raffle_id)
        self.finalise("Raffle", raffle_id)
        return raffle_id

    def drawn_raffle(self, *, vrf: bool = True) -> int:
        """A raffle of two POL prizes and ten tickets, drawn, its first prize claimed."""
        prizes = [(0, ZERO_ADDRESS, 10**18, 0), (0, ZERO_ADDRESS, 10**17, 0)]
        config = (ZERO_ADDRESS, 10**16, self.now + 600, 1, 100, 0, "Tombola Ä", prizes)
        self.send("Raffle", "createRaffle", config, value=11 * 10**17)
        raffle_id = int(self.view("Raffle", "raffleCount"))
        for buyer, count in ((ALICE, 3), (BOB, 5), (ALICE, 2)):
            self.send("Raffle", "buyTickets", raffle_id, count, buyer, sender=buyer, value=count * 10**16)
        self.skip(601)
        if vrf:
            self.send("Raffle", "requestDraw", raffle_id, sender=BOB)
            self.await_word("Raffle", raffle_id)
        else:
            self._request_and_pass_the_deadline(raffle_id)
        self.finalise("Raffle", raffle_id)
        self.send("Raffle", "claim", raffle_id, 0, sender=BOB)
        return raffle_id

    def _request_and_pass_the_deadline(self, raffle_id: int) -> None:
        """The block after the request lies behind the VRF's cut-off, whatever the oracle sends."""
        self.anvil.call("evm_setAutomine", False)
        self.submit("Raffle", "requestDraw", raffle_id, sender=BOB)
        self.anvil.mine()
        self.skip(5)
        self.anvil.call("evm_setAutomine", True)

    def open_contest(
        self,
        list_file: bytes,
        accounts: Sequence[str],
        salt: bytes,
        post: str = POST,
        excluded: Sequence[tuple[str, str]] = (),
    ) -> int:
        """Commit a list with two winners and one alternate; `excluded` are account keys and reasons."""
        self.send("Contest", "open", self.contest(list_file, accounts, salt, post, excluded))
        return int(self.view("Contest", "contestCount"))

    def contest(
        self,
        list_file: bytes,
        accounts: Sequence[str],
        salt: bytes,
        post: str = POST,
        excluded: Sequence[tuple[str, str]] = (),
    ) -> tuple[Any, ...]:
        """What `open` is given."""
        left_out = exclusion_root(self.exclusions(salt, post, excluded))
        details = ContestDetails.of(
            rules=RULES, list_file=list_file, post_reference=post, exclusion_root=left_out
        )
        root = Tree(self.leaves(accounts, salt, post)).root
        texts = (details.rules_hash, details.list_sha256, details.exclusion_root, details.post_hash)
        return salt, root, len(accounts), 2, 1, *texts

    def open_weighted(
        self, list_file: bytes, accounts: Sequence[str], weights: Sequence[int], salt: bytes
    ) -> int:
        """Commit a weighted list with two winners and as many alternates as the list allows."""
        salt, _, entries, winners, _, *texts = self.contest(list_file, accounts, salt, WEIGHTED_POST)
        tree = SumTree(self.leaves(accounts, salt, WEIGHTED_POST, weights), weights)
        config = (salt, tree.root, entries, winners, entries - winners, *texts)
        self.send("Contest", "openWith", config, (tree.total, 0, []))
        return int(self.view("Contest", "contestCount"))

    def prove_repeats(
        self,
        contest_id: int,
        terms: ContestTerms,
        accounts: Sequence[str],
        weights: Sequence[int],
        salt: bytes,
    ) -> None:
        """Show the chain every rank of a weighted list that fell to an entry drawn before."""
        tree = SumTree(self.leaves(accounts, salt, WEIGHTED_POST, weights), weights)
        units = self.view("Contest", "winningNumbers", contest_id, 0, len(accounts))
        drawn = [tree.entry_with(unit) for unit in units]
        for rank, earlier in repeats(drawn).items():
            proof = (drawn[rank], tree.node(drawn[rank]), tree.siblings(drawn[rank]))
            self.send("Contest", "proveRepeat", contest_id, terms.words(), earlier, rank, *proof, sender=BOB)

    def exclusions(self, salt: bytes, post: str, excluded: Sequence[tuple[str, str]]) -> list[bytes]:
        """The leaves of who was left out of a list of this organiser."""
        return exclusion_leaves(
            chain_id=31337,
            contract=self.registry.contract("Contest").address,
            contest_key=contest_key(ORGANISER, text_hash(post), salt),
            secret=salt,
            excluded=excluded,
        )

    def leaves(
        self, accounts: Sequence[str], salt: bytes, post: str = POST, weights: Sequence[int] = ()
    ) -> list[bytes]:
        """The leaves of a list of this organiser; the salt serves as secret too."""
        return [
            self._leaf(index, account, salt, post, weights[index] if weights else 1)
            for index, account in enumerate(accounts)
        ]

    def weighted_bundle(
        self, contest_id: int, list_file: bytes, accounts: Sequence[str], weights: Sequence[int], salt: bytes
    ) -> dict[str, Any]:
        """What the API publishes of a drawn contest over a weighted list."""
        leaves = self.leaves(accounts, salt, WEIGHTED_POST, weights)
        tree, k = SumTree(leaves, weights), len(accounts)
        units = self.view("Contest", "winningNumbers", contest_id, 0, k)
        drawn = [tree.entry_with(unit) for unit in units]
        return {
            **self._bundle_head(contest_id, list_file, salt, WEIGHTED_POST),
            "alternates": k - 2,
            "weight_column": "tickets",
            "leaves": ["0x" + leaf.hex() for leaf in leaves],
            "weights": [str(weight) for weight in weights],
            "openings": [
                {
                    "rank": rank,
                    "index": index,
                    "account_key": accounts[index],
                    "salt": "0x" + salt_of(salt, index).hex(),
                    "proof": ["0x" + node.hex() for node, _ in tree.siblings(index)],
                    "sums": [str(amount) for _, amount in tree.siblings(index)],
                }
                for rank, index in enumerate(drawn)
            ],
        }

    def bundle(
        self, contest_id: int, list_file: bytes, accounts: Sequence[str], salt: bytes, post: str = POST
    ) -> dict[str, Any]:
        """What the API publishes of a drawn contest."""
        tree = Tree(self.leaves(accounts, salt, post))
        numbers = self.view("Contest", "winningNumbers", contest_id, 0, 3)
        return {
            **self._bundle_head(contest_id, list_file, salt, post),
            "openings": [
                {
                    "rank": rank,
                    "index": index,
                    "account_key": accounts[index],
                    "salt": "0x" + salt_of(salt, index).hex(),
                    "proof": ["0x" + node.hex() for node in tree.proof(index)],
                }
                for rank, index in enumerate(numbers)
            ],
            "leaves": ["0x" + tree.leaf(index).hex() for index in range(len(tree))],
        }

    def _bundle_head(
        self, contest_id: int, list_file: bytes, salt: bytes, post: str = POST
    ) -> dict[str, Any]:
        details = ContestDetails.of(rules=RULES, list_file=list_file, post_reference=post)
        return {
            "format": "TOMBOLA-1/contest",
            "chain_id": 31337,
            "contract": self.registry.contract("Contest").address,
            "contest_id": str(contest_id),
            "contest_key": "0x" + contest_key(ORGANISER, text_hash(post), salt).hex(),
            "rules": RULES,
            "post_reference": post,
            "list_sha256": "0x" + details.list_sha256.hex(),
            "exclusion_root": "0x" + bytes(32).hex(),
            "winners": 2,
            "alternates": 1,
        }

    def _leaf(self, index: int, account: str, salt: bytes, post: str, weight: int) -> bytes:
        return leaf_hash(
            chain_id=31337,
            contract=self.registry.contract("Contest").address,
            contest_key=contest_key(ORGANISER, text_hash(post), salt),
            index=index,
            id_hash=id_hash(salt_of(salt, index), account),
            weight=weight,
        )


def start_world(folder: Path) -> World:
    """A chain an hour behind, and a beacon; nothing is deployed yet."""
    anvil = Anvil(arguments=("--timestamp", str(int(time.time()) - HOUR)))
    return World(folder, anvil, past_beacon(folder / "state"))


__all__ = ["ALICE", "BOB", "ORGANISER", "ROOT", "World", "ape_run", "start_world"]
