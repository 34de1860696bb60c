"""scripts/verify_backing.py: YES for an honest proof, and for no other; which check failed is said."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scripts import verify_backing as script
from scripts.verify_backing import NO, YES, CannotTell, Finding, check_holders, check_proofs, tell
from tests.backend.backing.pretended_chain import PretendedChain, holders, mine
from tests.support.processes import ROOT

File = dict[str, Any]
Change = Callable[[File], None]
MANY = str(2**256)


def failed(findings: list[Finding]) -> list[str]:
    return [check for holds, check, _ in findings if holds is False]


def proved(file: File, chain: PretendedChain | None = None) -> list[str]:
    return failed(list(check_proofs((chain or PretendedChain()).ask, file, None)))


def test_check_proofs__honest__every_check_holds(capsys: pytest.CaptureFixture[str]) -> None:
    file = mine()
    findings = list(check_proofs(PretendedChain().ask, file, file["contract"]))
    assert failed(findings) == []
    assert tell(findings) == YES
    said = capsys.readouterr().out
    assert "yes  currency: inclusion" in said
    assert "YES: 13 checks hold; 4 not made" in said


def first(name: str, value: Any) -> Change:
    def change(file: File) -> None:
        assert file["proofs"][0][name] != value
        file["proofs"][0][name] = value

    return change


def sibling(name: str, value: Any, at: int = 0) -> Change:
    def change(file: File) -> None:
        assert file["proofs"][0]["siblings"][at][name] != value
        file["proofs"][0]["siblings"][at][name] = value

    return change


def of_file(name: str, value: Any) -> Change:
    return lambda file: file.__setitem__(name, value)


def moved(file: File) -> None:
    """A unit from one sibling to the next, as the sum stays."""
    below, above = file["proofs"][0]["siblings"][-2:]
    below["sum"], above["sum"] = str(int(below["sum"]) + 1), str(int(above["sum"]) + 1)
    file["proofs"][0]["amount"] = str(int(file["proofs"][0]["amount"]) - 2)


H = "0x" + "ab" * 32
CURRENCY = "currency: "
FLIPS: dict[str, tuple[Change, set[str]]] = {
    "chain id": (of_file("chain_id", 137), {"chain", CURRENCY + "inclusion"}),
    "snapshot block": (of_file("snapshot_block", 1233), {CURRENCY + "published"}),
    "contract": (of_file("contract", "0x" + "12" * 20), {CURRENCY + "published"}),
    "account": (of_file("account", "0x" + "12" * 20), {CURRENCY + "inclusion", CURRENCY + "wallet"}),
    "topic": (first("topic", H), {f"token {'0x' + 'ab' * 20}: published"}),
    "amount": (first("amount", "5"), {CURRENCY + "inclusion", CURRENCY + "sums", CURRENCY + "wallet"}),
    "salt": (first("salt", H), {CURRENCY + "inclusion"}),
    "index": (lambda file: first("index", file["proofs"][0]["index"] ^ 1)(file), {CURRENCY + "inclusion"}),
    "index too large": (first("index", 256), {CURRENCY + "inclusion"}),
    "root": (first("root", H), {CURRENCY + "published"}),
    "total": (first("total", "1"), {CURRENCY + "published"}),
    "document": (first("document", H), {CURRENCY + "published"}),
    "published block": (first("published_block", 1301), {CURRENCY + "published"}),
    "sibling's hash": (sibling("hash", H), {CURRENCY + "inclusion"}),
    "sibling's sum": (sibling("sum", "7"), {CURRENCY + "inclusion", CURRENCY + "sums"}),
    "sum at the top": (sibling("sum", str(2**256 - 1), -1), {CURRENCY + "inclusion", CURRENCY + "sums"}),
    "a unit moved": (moved, {CURRENCY + "inclusion", CURRENCY + "wallet"}),
    "a sibling less": (lambda file: file["proofs"][0]["siblings"].pop(), {CURRENCY + "inclusion"}),
    "no siblings": (first("siblings", []), {CURRENCY + "inclusion"}),
}


@pytest.mark.parametrize("name", FLIPS)
def test_check_proofs__a_field_is_another__no_and_says_which_check(name: str) -> None:
    file = mine()
    change, expected = FLIPS[name]
    change(file)
    found = set(proved(file))
    assert expected <= found


UNREADABLE: dict[str, Change] = {
    "negative amount": first("amount", "-5"),
    "negative sum": sibling("sum", "-1"),
    "sum of 257 bits": sibling("sum", MANY),
    "fraction": first("amount", "1.5"),
    "truth for a number": first("index", True),
    "hash too short": sibling("hash", "0x12"),
    "no hex": first("salt", "salt"),
    "no list": first("siblings", {}),
    "another format": of_file("format", "TOMBOLA-BACKING-2"),
    "no account": of_file("account", None),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_check_proofs__malformed__cannot_tell(name: str) -> None:
    file = mine()
    UNREADABLE[name](file)
    with pytest.raises(CannotTell):
        proved(file)


def test_check_proofs__every_field_of_the_file__is_flipped_here() -> None:
    """A new field of a proof needs a line above, or a place among those that only tell people something."""
    told = {"kind", "token", "symbol", "decimals", "transaction_hash"}
    names = {*mine()["proofs"][0], *mine()} - told - {"proofs", "nothing_owed", "snapshot_at", "siblings"}
    spoken = {name.replace(" ", "_") for name in (*FLIPS, "format", "account")}
    assert names - spoken == set()


@pytest.mark.parametrize("name", ["root", "total", "document"])
def test_check_proofs__the_chain_says_another__no(name: str) -> None:
    chain = PretendedChain()
    topic = mine()["proofs"][0]["topic"]
    chain.statements[topic][name] = "9" if name == "total" else H
    assert CURRENCY + "published" in proved(mine(), chain)


def test_check_proofs__the_wallet_has_more_on_chain__no() -> None:
    chain = PretendedChain()
    chain.balances["0x" + "00" * 20, mine()["account"].lower()] += 1
    assert proved(mine(), chain) == [CURRENCY + "wallet"]


def test_check_proofs__another_contract_is_trusted__no() -> None:
    assert failed(list(check_proofs(PretendedChain().ask, mine(), "0x" + "34" * 20))) == ["contract"]


def reserves(file: File, chain: PretendedChain | None = None) -> list[str]:
    ask = (chain or PretendedChain()).ask
    return failed(list(check_holders(ask, file, bytes.fromhex(mine()["contract"][2:]))))


def test_check_holders__honest__enough() -> None:
    assert reserves(holders()) == []


def test_check_holders__one_wallet_has_less__no() -> None:
    chain = PretendedChain()
    chain.balances["0x" + "00" * 20, holders()["addresses"][1].lower()] -= 1
    assert reserves(holders(), chain) == [CURRENCY + "reserves"]


def test_check_holders__a_wallet_twice_or_missing__no() -> None:
    twice, less = holders(), holders()
    twice["addresses"].append(twice["addresses"][-1])
    less["addresses"].pop()
    assert reserves(twice) == [CURRENCY + "wallets", CURRENCY + "each once"]
    assert reserves(less) == [CURRENCY + "wallets", CURRENCY + "reserves"]


def test_check_holders__of_a_block_without_a_statement__no() -> None:
    assert reserves({**holders(), "snapshot_block": 1233}) == [CURRENCY + "published"]


def test_cli__a_file__prints_and_says_by_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, proof, wallets = PretendedChain(), tmp_path / "mine.json", tmp_path / "holders.json"
    monkeypatch.setattr(script, "node", lambda _: chain.ask)
    proof.write_text(json.dumps(mine()))
    wallets.write_text(json.dumps(holders()))
    run = CliRunner().invoke
    done = run(script.cli, [str(proof), "--rpc", "http://x", "--holders", str(wallets)])
    assert (done.exit_code, done.output.splitlines()[-1][:4]) == (YES, "YES:")
    chain.chain_id = 1
    done = run(script.cli, [str(proof), "--rpc", "http://x"])
    assert (done.exit_code, done.output.splitlines()[-1]) == (NO, "NO: chain")
    proof.write_text("[]")
    assert run(script.cli, [str(proof), "--rpc", "http://x"]).exit_code == script.CANNOT_TELL
    assert run(script.cli, ["--rpc", "http://x"]).exit_code == script.CANNOT_TELL


def test_script__imports_nothing_of_the_project() -> None:
    tree = ast.parse((ROOT / "scripts" / "verify_backing.py").read_text())
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name.split(".")[0] for name in names if name} <= {
        *("json", "re", "sys", "urllib", "collections", "dataclasses", "itertools", "pathlib", "typing"),
        *("click", "Crypto"),
    }
