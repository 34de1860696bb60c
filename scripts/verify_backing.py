"""Check a proof of backing: `python scripts/verify_backing.py PROOF --rpc URL` (also by `ape run verify_backing …`).

PROOF is the saved answer of `GET /api/v1/backing/mine`. With `--holders FILE`, the saved answer of
`GET /api/v1/backing/statements/BLOCK/TOPIC/holders`, the reserves are added up too; that needs no PROOF, and
for a past block a node that keeps old states.

One line per check, then YES or NO. Exit code 0 for YES, 1 for NO, 2 when it cannot be told. It shares no code with what makes
the proofs: this file, Python, click and a keccak are all there is. docs/backing.md describes what it checks.
"""

import json
import re
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
from Crypto.Hash import keccak as _keccak

YES, NO, CANNOT_TELL = 0, 1, 2
WORDS = {True: "yes", False: "NO", None: "-"}
FORMAT = "TOMBOLA-BACKING-1"
END = 1 << 256
DEEPEST = 40
MOST_BYTES = 64 * 2**20
NATIVE, CREDITS = bytes(20), b"credits" + bytes(5)
BACKING = b"backing" + bytes(5)
Ask = Callable[[str, list[Any]], Any]
Finding = tuple[bool | None, str, str]
"""Whether it holds (None: not checked), the check, and what was found."""


class CannotTell(Exception):  # noqa: N818 - it says what happened
    """A file or a node that gives no answer to judge."""


def keccak(data: bytes) -> bytes:
    return bytes(_keccak.new(digest_bits=256, data=data).digest())


ATTESTED = keccak(b"Attested(bytes32,uint64,bytes32,uint256,bytes32,uint64)")
LAST_OF = keccak(b"lastOf(bytes32)")[:4]
BALANCE_OF = keccak(b"balanceOf(address)")[:4]


@dataclass(frozen=True)
class Subject:
    """A contract, a topic and a block: one statement."""

    contract: bytes
    topic: bytes
    block: int

    @property
    def name(self) -> str:
        token = self.topic[12:]
        if self.topic.startswith(CREDITS):
            return f"credits {token.rstrip(bytes(1)).decode('ascii', 'replace')}"
        return "currency" if token == NATIVE else f"token 0x{token.hex()}"


@dataclass(frozen=True)
class Published:
    """What the chain has of a statement."""

    root: bytes
    total: int
    document: bytes
    block: int


@click.command()
@click.argument("proof", type=click.Path(path_type=Path), required=False)
@click.option("--rpc", required=True, help="URL of a node of the chain, one that you trust.")
@click.option(
    "--contract", help="Address of Attestations, from a source that you trust; else as the file says."
)
@click.option(
    "--holders", type=click.Path(path_type=Path), help="The saved list of wallets behind a statement."
)
def cli(proof: Path | None, rpc: str, contract: str | None, holders: Path | None) -> None:
    """Check that a claim is part of a total on chain, and that the wallets have at least that total."""
    try:
        if proof is None and (holders is None or contract is None):
            raise CannotTell("Give a PROOF, or --holders together with --contract.")
        ask = node(rpc)
        findings = []
        if proof is not None:
            findings += list(check_proofs(ask, read(proof), contract))
        if holders is not None:
            named = contract if proof is None else (contract or read(proof).get("contract"))
            findings += list(check_holders(ask, read(holders), address(named)))
    except CannotTell as error:
        click.echo(f"Cannot tell: {error}", err=True)
        sys.exit(CANNOT_TELL)
    sys.exit(tell(findings))


def tell(findings: list[Finding]) -> int:
    """Print the findings; the exit code."""
    width = max(len(check) for _, check, _ in findings)
    for holds, check, detail in findings:
        click.echo(f"{WORDS[holds]:<4} {check:<{width}}  {detail}")
    failed = [check for holds, check, _ in findings if holds is False]
    if failed:
        click.echo(f"NO: {', '.join(failed)}")
        return NO
    left = sum(holds is None for holds, _, _ in findings)
    made = len(findings) - left
    click.echo(f"YES: {made} checks hold" + (f"; {left} not made" if left else ""))
    return YES


def check_proofs(ask: Ask, file: dict[str, Any], trusted: str | None) -> Iterator[Finding]:
    """Every check of a person's file."""
    if file.get("format") != FORMAT:
        raise CannotTell(f"The file is no {FORMAT}: it says {str(file.get('format'))[:40]!r}.")
    named, block = address(file.get("contract")), number(file.get("snapshot_block"))
    account = address(file.get("account"))
    chain_id = number(file.get("chain_id"))
    found = int(ask("eth_chainId", []), 16)
    yield found == chain_id, "chain", f"the node is of chain {found}, the file of {chain_id}"
    if trusted is None:
        yield None, "contract", f"0x{named.hex()} as the file says: --contract compares it"
    else:
        yield address(trusted) == named, "contract", f"the file says 0x{named.hex()}"
    proofs = listed(file.get("proofs"))
    if not proofs:
        yield None, "proofs", "the file has none: nothing was owed"
    for one in proofs:
        subject = Subject(named, word(one.get("topic")), block)
        yield from check_proof(ask, chain_id, subject, account, one)


def check_proof(
    ask: Ask, chain_id: int, subject: Subject, account: bytes, one: dict[str, Any]
) -> Iterator[Finding]:
    """One claim: on chain, in the tree, in the sum, and in the wallet."""
    name = subject.name
    said = (word(one.get("root")), number(one.get("total")), word(one.get("document")))
    stated = published(ask, subject, number(one.get("published_block")))
    if stated is None:
        yield False, f"{name}: published", f"block {one.get('published_block')} has no such statement"
        return
    holds = said == (stated.root, stated.total, stated.document)
    yield (
        holds,
        f"{name}: published",
        f"in block {stated.block}, total {stated.total}" if holds else "another one",
    )
    last = int.from_bytes(call(ask, subject.contract, LAST_OF + subject.topic)[:32])
    yield None, f"{name}: newest", "it is" if last == subject.block else f"a newer one tells of block {last}"
    amount, index = number(one.get("amount")), number(one.get("index"))
    way = [(word(node.get("hash")), number(node.get("sum"))) for node in listed(one.get("siblings"))]
    if not 0 < len(way) <= DEEPEST or index >> len(way):
        yield False, f"{name}: inclusion", f"place {index} is not in a tree of height {len(way)}"
        return
    salt = word(one.get("salt"))
    words = [
        padded(chain_id),
        padded(subject.contract),
        subject.topic,
        padded(subject.block),
        padded(account),
    ]
    leaf = keccak(b"\0" + b"".join([*words, padded(amount), salt]))
    root, total = climb(leaf, amount, index, way)
    yield total == stated.total, f"{name}: sums", f"the way adds up to {total}, on chain is {stated.total}"
    yield (
        root == stated.root,
        f"{name}: inclusion",
        f"{amount} at place {index} of {1 << len(way)}"
        if root == stated.root
        else "the way leads to another root",
    )
    if subject.topic.startswith(BACKING):
        has = balances(ask, subject.topic[12:], [account], subject.block)[0]
        yield has == amount, f"{name}: wallet", f"the chain says {has} at block {subject.block}"
    else:
        yield None, f"{name}: wallet", "it is not on chain: compare it with your statement"


def climb(node: bytes, total: int, index: int, way: list[tuple[bytes, int]]) -> tuple[bytes, int]:
    """Hash and sum at the top; a sum that does not fit into 256 bits leads nowhere."""
    for hash_, amount in way:
        pair = ((hash_, amount), (node, total)) if index & 1 else ((node, total), (hash_, amount))
        total += amount
        if total >= END:
            return b"", total
        node = keccak(b"\1" + b"".join(part + padded(value) for part, value in pair))
        index >>= 1
    return node, total


def check_holders(ask: Ask, file: dict[str, Any], contract: bytes) -> Iterator[Finding]:
    """The wallets behind a statement: exactly those of the chain's hash, each once, together with enough."""
    subject = Subject(contract, word(file.get("topic")), number(file.get("snapshot_block")))
    name, wallets = subject.name, [address(one) for one in listed(file.get("addresses"))]
    if not subject.topic.startswith(BACKING):
        raise CannotTell(f"{name} is not on chain: nothing there backs it.")
    stated = newest_until(ask, subject)
    if stated is None:
        yield False, f"{name}: published", f"there is no statement of block {subject.block}"
        return
    yield (
        keccak(b"".join(wallets)) == stated.document,
        f"{name}: wallets",
        f"{len(wallets)} addresses, hashed on chain",
    )
    rising = all(one < other for one, other in pairwise(wallets))
    yield rising, f"{name}: each once", "in rising order" if rising else "the order is not rising"
    has = sum(balances(ask, subject.topic[12:], wallets, subject.block))
    yield has >= stated.total, f"{name}: reserves", f"{has} at block {subject.block}, owed {stated.total}"


def published(ask: Ask, subject: Subject, block: int) -> Published | None:
    """The statement in the logs of one block."""
    query = {
        "address": "0x" + subject.contract.hex(),
        "topics": ["0x" + ATTESTED.hex(), "0x" + subject.topic.hex(), f"0x{subject.block:064x}"],
        "fromBlock": hex(block),
        "toBlock": hex(block),
    }
    logs = ask("eth_getLogs", [query])
    if len(logs) != 1:
        return None
    data = raw(logs[0].get("data"))
    if len(data) != 128 or raw(logs[0].get("address")) != subject.contract:
        raise CannotTell(f"The node's log in block {block} has another form.")
    return Published(data[:32], int.from_bytes(data[32:64]), data[64:96], block)


def newest_until(ask: Ask, subject: Subject) -> Published | None:
    """Walk the topic's statements from its last one back to this snapshot block."""
    answer = call(ask, subject.contract, LAST_OF + subject.topic)
    block = int.from_bytes(answer[32:64])
    while block:
        query = {
            "address": "0x" + subject.contract.hex(),
            "topics": ["0x" + ATTESTED.hex(), "0x" + subject.topic.hex()],
            "fromBlock": hex(block),
            "toBlock": hex(block),
        }
        logs = [(int(log["topics"][2], 16), raw(log["data"])) for log in ask("eth_getLogs", [query])]
        for snapshot, data in logs:
            if snapshot == subject.block:
                return Published(data[:32], int.from_bytes(data[32:64]), data[64:96], block)
        if not logs or min(logs)[0] < subject.block:
            return None
        block = int.from_bytes(min(logs)[1][96:128])
    return None


def balances(ask: Ask, token: bytes, wallets: list[bytes], block: int) -> list[int]:
    """What each wallet had of a token, or of the currency, at a block."""
    found = []
    for wallet in wallets:
        if token == NATIVE:
            found.append(int(ask("eth_getBalance", ["0x" + wallet.hex(), hex(block)]), 16))
        else:
            found.append(int.from_bytes(call(ask, token, BALANCE_OF + padded(wallet), hex(block))[:32]))
    return found


def call(ask: Ask, contract: bytes, data: bytes, block: str = "latest") -> bytes:
    return raw(ask("eth_call", [{"to": "0x" + contract.hex(), "data": "0x" + data.hex()}, block]))


def node(url: str) -> Ask:
    """Asks a node by JSON-RPC. Raises CannotTell."""
    if not url.startswith(("http://", "https://")):
        raise CannotTell(f"{url[:60]!r} is no http(s) URL.")

    def ask(method: str, params: list[Any]) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(url, body, {"content-type": "application/json"})  # noqa: S310 - checked
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - checked
                said = json.loads(answer.read(MOST_BYTES))
        except (OSError, ValueError) as error:
            raise CannotTell(f"{method} was not answered: {error}") from error
        if not isinstance(said, dict) or said.get("result") is None:
            reason = said.get("error") if isinstance(said, dict) else said
            raise CannotTell(f"{method} was refused: {str(reason)[:300]}")
        return said["result"]

    return ask


def read(path: Path) -> dict[str, Any]:
    """A JSON object in a file. Raises CannotTell."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise CannotTell(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise CannotTell(f"{path} holds no object.")
    return found


def number(value: Any) -> int:
    """A whole number from 0 to 2^256 - 1, as digits or as JSON's number. Raises CannotTell."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,78}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < END:
        raise CannotTell(f"{str(value)[:80]!r} is no amount: amounts are whole, never negative, below 2^256.")
    return value


def raw(value: Any) -> bytes:
    """The bytes of 0x-hex. Raises CannotTell."""
    if not isinstance(value, str) or not re.fullmatch(r"0x([0-9a-fA-F]{2})*", value):
        raise CannotTell(f"{str(value)[:80]!r} is no hex.")
    return bytes.fromhex(value[2:])


def word(value: Any) -> bytes:
    return sized(value, 32)


def address(value: Any) -> bytes:
    return sized(value, 20)


def sized(value: Any, length: int) -> bytes:
    found = raw(value)
    if len(found) != length:
        raise CannotTell(f"{str(value)[:80]!r} has {len(found)} bytes, not {length}.")
    return found


def listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise CannotTell(f"{str(value)[:80]!r} is no list.")
    return value


def padded(value: int | bytes) -> bytes:
    """One word of 32 bytes."""
    return value.to_bytes(32) if isinstance(value, int) else value.rjust(32, b"\0")


if __name__ == "__main__":
    cli()
