"""`ape run safe`: a Safe of Safe's own contracts is the guardian; its owners pass a file round, and it acts."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ape
import pytest
from ape_ethereum.provider import Web3Provider
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from listener.chain.encode import encode_call
from scripts import _safe_acts
from scripts._creation import DEFAULT_SALT
from scripts._given import quoted, why
from scripts._proof import IMPLEMENTATION_SLOT
from scripts._proposal import Call, Proposal, ProposalError
from scripts._safe_file import checksum, read_safe_file
from scripts._upgrade import Making, Version
from scripts._upgrading import Upgrading
from tests.scripts.deploying import Deploying, restored
from tests.scripts.guarded import Guarded
from tests.scripts.safes import MULTI_SEND, new_safe, send, set_guard
from tests.support.anvil import Anvil, dev_account
from tools.storage_layout import snapshot

HOLDER, ANN, BOB, CID, STRANGER = 1, 3, 4, 5, 6
FEE = {
    "description": "A hostile fee",
    "calls": [{"contract": "Raffle", "function": "setFee", "arguments": [1000, "Timelock"]}],
}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with Anvil() as anvil:
        folder = tmp_path_factory.mktemp("safe")
        safe = new_safe(anvil, [dev_account(index).address for index in (ANN, BOB, CID)], 2)
        made = Deploying(anvil, folder)
        made.run(guardian=safe)
        made.own_clock()
        holder = dev_account(HOLDER).address
        made.send(holder, "Token", "delegate", holder, at=made.token)
        made.skip(1)
        yield Guarded(made, safe, folder)


@pytest.fixture
def guarded(deployed: Guarded, tmp_path: Path) -> Iterator[Guarded]:
    """As deployed, whatever tests before did."""
    with restored(deployed.made.anvil):
        yield Guarded(deployed.made, deployed.safe, tmp_path)


def test_checksum__as_the_transaction_builder_reckons_it() -> None:
    """The value is of JavaScript's own JSON and keccak; the name of a batch is left out."""
    transactions = [{"value": "0", "data": None}, {"to": "0x5e", "payable": False}]
    meta = {"name": "left out", "description": "Grüße"}
    found = checksum({"version": "1.0", "createdAt": 7, "meta": meta, "transactions": transactions})
    assert found == "0x1fec068f4fda3a93de938399ceb8c86aead7fe25016702c5386cb0c008a16108"


def test_why__signs_that_steer_a_terminal__are_told_by_their_numbers() -> None:
    hidden = "Grüße\n" + " " * 99 + "call        Vesting\x1b[2A\x9b2K\u202egnirts\u2028"
    assert why(hidden) == 'why         "Grüße call Vesting\\u001b[2A\\u009b2K\\u202egnirts"'
    assert quoted("a\nb\x9b") == '"a\\nb\\u009b"'


def test_safe__file_passed_round__pauses_vesting_once(guarded: Guarded) -> None:
    document = guarded.pause(5)
    until = document["calls"][0]["arguments"][0]
    file, copy = guarded.build("pause", document), guarded.folder / "copy.json"
    built = json.loads(file.read_text())
    assert built["meta"].pop("checksum") == checksum(built)
    assert built["transactions"][0]["to"] == guarded.made.address("Vesting")
    copy.write_bytes(file.read_bytes())
    output = guarded.done("show", file)
    assert f"call        Vesting.pauseUntil({until}) at {guarded.made.address('Vesting')}" in output
    assert "owners      3, 2 have to agree, 0 have" in output
    assert built["safeTransaction"]["safeTxHash"] in output

    output = guarded.refused("execute", file, account=STRANGER)
    missing = ", ".join(dev_account(index).address for index in (ANN, BOB, CID))
    assert set(missing.split(", ")) <= set(output.split("still without: ")[1].rstrip(".\n").split(", "))
    assert "does not own the Safe" in guarded.refused("sign", file, account=STRANGER)
    assert "would sign" in guarded.done("sign", file, "--dry-run", account=ANN)
    assert "Signed: 1 of 2." in guarded.done("sign", file, account=ANN)
    assert "has signed before" in guarded.done("sign", file, account=ANN)
    assert "Signed: 1 of 2." in guarded.done("sign", copy, account=CID)
    assert "ready to execute" in guarded.done("show", file, copy)

    output = guarded.done("execute", file, copy, "--dry-run", account=STRANGER)
    assert "would send  execute the Safe's transaction 0: " in output
    assert guarded.paused_until == 0
    guarded.done("execute", file, copy, account=STRANGER)
    assert guarded.paused_until == until
    sent = guarded.sent(STRANGER)
    assert "stage       executed in 0x" in guarded.done("execute", file, copy, account=STRANGER)
    assert guarded.sent(STRANGER) == sent
    assert "Nonce 0 is used, the Safe's next is 1." in guarded.refused("sign", file, account=BOB)


def test_safe__guardian_cancels_then_two_calls_together__in_the_order_of_nonces(guarded: Guarded) -> None:
    made, somebody = guarded.made, "0x" + "5e" * 20
    proposal = guarded.folder / "fee.json"
    proposal.write_text(json.dumps(FEE))
    fee = encode_call(made.registry.contract("Raffle").abi, "setFee", [1000, made.address("Timelock")])
    what = ([made.address("Raffle")], [0], [fee])
    made.send(dev_account(HOLDER).address, "Governor", "propose", *what, FEE["description"])
    made.anvil.call("anvil_setBalance", guarded.safe, hex(7))

    cancel = guarded.build("cancel", FEE, "--cancels")
    other = guarded.build("other", guarded.pause(1))
    both = guarded.pause(5)
    both["calls"].append({"to": somebody, "value": "7"})
    transfer = {"contract": "Token", "at": made.token, "function": "transfer", "arguments": [somebody, 0]}
    both["calls"].append(transfer)
    both_file = guarded.build("both", both, "--nonce", "1")
    assert json.loads(both_file.read_text())["safeTransaction"]["multiSend"] == MULTI_SEND
    for file in (cancel, other, both_file):
        guarded.done("sign", file, account=ANN)
    assert "those before 1 have to be executed first" in guarded.refused("execute", both_file, account=BOB)

    assert "Governor.cancel(" in guarded.done("execute", cancel, account=BOB), "by executing Bob agrees"
    canceled = 2
    proposal_id = guarded.view("Governor", "getProposalId", *what, keccak(text=FEE["description"]))
    assert guarded.view("Governor", "state", proposal_id) == canceled
    output = guarded.refused("execute", other, account=BOB)
    assert "Nonce 0 was used by another transaction, the Safe's next is 1" in output

    hashed = bytes.fromhex(json.loads(both_file.read_text())["safeTransaction"]["safeTxHash"][2:])
    approve = bytes.fromhex("d4d9bdcd") + encode(["bytes32"], [hashed])
    send(made.anvil, guarded.safe, approve, sender=dev_account(CID).address)
    output = guarded.done("execute", both_file, account=STRANGER)
    assert f"7 wei to {to_checksum_address(somebody)}" in output
    told = f"Token.transfer({to_checksum_address(somebody)}, 0) at {made.token}, which the registry does not know"
    assert told in output
    assert "agreed" in output
    assert guarded.paused_until == both["calls"][0]["arguments"][0]
    assert int(made.anvil.call("eth_getBalance", somebody, "latest"), 16) == 7


def test_safe__what_cannot_go_through__is_told_in_one_sentence(guarded: Guarded) -> None:
    too_long = guarded.build("long", guarded.pause(8))
    guarded.done("sign", too_long, account=ANN)
    output = guarded.refused("execute", too_long, account=BOB)
    assert f"Call 0 is refused by {guarded.made.address('Vesting')}: VestingPauseInvalid(until=" in output
    assert "is there already" in guarded.refused(
        "build", guarded.folder / "long.calls.json", too_long, "--safe", guarded.safe
    )
    nobody = dev_account(9).address
    output = guarded.refused(
        "build", guarded.folder / "long.calls.json", guarded.folder / "new.json", "--safe", nobody
    )
    assert f"There is no Safe at {nobody}" in output
    own, enable_module = guarded.folder / "own.json", bytes.fromhex("610b5925") + bytes(12) + b"\x5e" * 20
    with guarded.desk(ANN) as desk:
        calls = (Call(guarded.safe, 0, enable_module, ""),)
        _safe_acts.build_file(desk, guarded.safe, Proposal(calls, "Pause vesting")).write(own)
    output = guarded.done("show", own)
    assert f"0x{enable_module.hex()}, which cannot be read, to a contract at {guarded.safe}" in output
    assert "careful     that is the Safe itself" in output

    file = guarded.build("pause", guarded.pause(5))
    guarded.done("sign", file, account=ANN)
    good = json.loads(file.read_text())
    for change, told in CHANGES:
        document = json.loads(json.dumps(good))
        change(document, guarded)
        file.write_text(json.dumps(document))
        assert told in guarded.refused("sign", file, account=BOB)
    file.write_text(json.dumps(good))
    guarded.done("sign", file, account=BOB)
    guard = set_guard(guarded.made.anvil, guarded.safe)
    output = guarded.refused("execute", file, account=STRANGER)
    assert f"The Safe's guard {guard} refuses: msg sender is not allowed to exec." in output
    guarded.done("execute", file, account=CID)
    assert guarded.paused_until > 0


def _later(document: dict[str, Any], _: Guarded) -> None:
    data = document["transactions"][0]["data"]
    document["transactions"][0]["data"] = data[:-1] + ("1" if data.endswith("0") else "0")


def _forged(document: dict[str, Any], _: Guarded) -> None:
    (signature,) = document["safeTransaction"]["signatures"].values()
    document["safeTransaction"]["signatures"] = {dev_account(CID).address: signature}


def _delegated(document: dict[str, Any], _: Guarded) -> None:
    document["transactions"] *= 2
    document["safeTransaction"]["multiSend"] = dev_account(STRANGER).address


def _elsewhere(document: dict[str, Any], guarded: Guarded) -> None:
    document["safeTransaction"].pop("nonce")


def _two_meanings(document: dict[str, Any], _: Guarded) -> None:
    """The Transaction Builder takes the method where there are no bytes; the hash does not know of it."""
    document["transactions"][0]["contractMethod"] = {"name": "transfer", "inputs": [], "payable": False}


CHANGES = [
    (_two_meanings, "it holds what `ape run safe` did not write"),
    (_later, "was changed since it was built"),
    (_forged, "is not theirs of this transaction"),
    (_delegated, "is no MultiSendCallOnly of Safe's own: do not sign this"),
    (_elsewhere, "is no file of `ape run safe build`"),
]


def test_execute__killed_after_sending__is_not_sent_again(guarded: Guarded) -> None:
    file = guarded.build("pause", guarded.pause(5))
    guarded.done("sign", file, account=ANN)
    sent = guarded.sent(BOB)
    guarded.made.anvil.call("evm_setAutomine", False)
    child = os.fork()
    if child == 0:
        _execute_and_die(guarded, file)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert (guarded.sent(BOB), guarded.paused_until) == (sent, 0)
    with guarded.desk(BOB) as desk:
        _safe_acts.execute(desk, read_safe_file(file))
    guarded.made.anvil.call("evm_setAutomine", True)
    assert guarded.made.said[-1].startswith("stage       executed in 0x")
    assert (guarded.sent(BOB), guarded.paused_until > 0) == (sent + 1, True)


def _execute_and_die(guarded: Guarded, file: Path) -> None:
    """In the child: nothing of the test's own clean-up may run here."""
    send_it = Web3Provider._send_transaction

    def die(provider: Any, transaction: Any) -> None:
        send_it(provider, transaction)
        os.kill(os.getpid(), signal.SIGKILL)

    try:
        Web3Provider._send_transaction = die  # type: ignore[method-assign, assignment]
        with guarded.desk(BOB) as desk:
            _safe_acts.execute(desk, read_safe_file(file))
    finally:
        os._exit(1)


def test_upgrade__vesting_is_the_safe_s__is_signed_and_runs(guarded: Guarded) -> None:
    made, file = guarded.made, guarded.folder / "upgrade.json"
    before = made.record.path.read_bytes()
    made.send(made.address("Timelock"), "Vesting", "transferOwnership", guarded.safe)
    made.send(guarded.safe, "Vesting", "acceptOwnership")
    version = Version(ape.project.TestVestingUpgrade, snapshot()["Vesting"])
    with ape.networks.parse_network_choice(guarded.network) as provider:
        account = ape.accounts.test_accounts[STRANGER]
        making = Making(provider, account, made.record, version, DEFAULT_SALT, made.said.append)
        with pytest.raises(ProposalError, match=f"Vesting is owned by {guarded.safe}, not by the timelock"):
            Upgrading(making, file, "Version 2").is_needed()
        upgrade = Upgrading(making, file, "Version 2", guarded.safe)
        assert upgrade.is_needed()
        upgrade.rehearse(10, propose=False)
        upgrade.carry_out(propose=False)
        upgrade.carry_out(propose=False)
        assert upgrade.is_needed(), "the file is this upgrade's"
    for owner in (ANN, BOB):
        guarded.done("sign", file, account=owner)
    guarded.done("execute", file, account=STRANGER)
    slot = made.anvil.call("eth_getStorageAt", made.address("Vesting"), hex(IMPLEMENTATION_SLOT), "latest")
    assert int(slot, 16) == int(made.record.document["vesting_next"]["address"], 16)
    made.record.path.write_bytes(before)
