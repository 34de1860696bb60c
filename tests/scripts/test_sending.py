"""What a script sends, or would send: counted, priced, and a refusal told by its name."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import ape
import click
import pytest
from ape.api import ProviderAPI
from eth_account import Account

from scripts._sending import GWEI, SPARE_GAS, Sender, SendError, agree
from tests.support.anvil import Anvil
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def anvil() -> Iterator[Anvil]:
    with Anvil() as started:
        yield started


@pytest.fixture(scope="module")
def provider(anvil: Anvil) -> Iterator[ProviderAPI]:
    with ape.networks.parse_network_choice(f"ethereum:local:{anvil.url}") as found:
        yield found


@pytest.fixture(scope="module")
def token(provider: ProviderAPI) -> Any:
    return ape.accounts.test_accounts[0].deploy(ape.project.TestERC20)


class Empty:
    """An account without money; nobody has its key here."""

    address = Account.create().address


def test_send__dry_run__says_what_it_would_cost_and_sends_nothing(provider: ProviderAPI, token: Any) -> None:
    account, said = ape.accounts.test_accounts[0], list[str]()
    sender, block, nonce = (
        Sender(account, provider, said.append, dry_run=True),
        provider.get_block("latest"),
        account.nonce,
    )
    assert sender.send("make 5", token.mint, account, 5) is None
    assert sender.send("make 6", token.mint, account, 6) is None
    assert (provider.get_block("latest").number, account.nonce) == (block.number, nonce)
    assert token.balanceOf(account) == 0
    assert sender.count == 2
    assert sender.cost >= sender.gas * GWEI
    assert said[0].startswith("would send  make 5: ")
    assert "nothing was sent. 2 transactions would need" in sender.summary()

    real = Sender(account, provider, said.append)
    receipt = real.send("make 5", token.mint, account, 5)
    assert receipt is not None
    assert token.balanceOf(account) == 5
    assert (real.count, real.gas, real.cost) == (1, receipt.gas_used, receipt.gas_used * receipt.gas_price)
    assert real.summary().startswith("Done: 1 transaction sent. Gas ")
    assert sender.gas >= 2 * receipt.gas_used, "a dry run is never cheaper than what comes"


def test_send__dry_run_of_an_empty_account__is_told_all_the_same(provider: ProviderAPI, token: Any) -> None:
    sender = Sender(Empty(), provider, print, dry_run=True)  # type: ignore[arg-type]
    sender.send("make 5", token.mint, Empty.address, 5)
    assert sender.count == 1


@pytest.mark.parametrize("dry_run", [True, False])
def test_send__refused_by_the_contract__says_what_and_why(
    provider: ProviderAPI, token: Any, dry_run: bool
) -> None:
    sender = Sender(ape.accounts.test_accounts[3], provider, print, dry_run=dry_run)
    with pytest.raises(
        SendError,
        match=r"give one: would be refused. ERC20InsufficientBalance\(sender=0x\w+, balance=0, needed=1\)",
    ):
        sender.send("give one", token.transfer, ape.accounts.test_accounts[0], 1)
    assert sender.count == 0


@pytest.mark.parametrize("most", [2**24, 1])
def test_send__state_changes_before_it_is_mined__has_gas_to_spare(
    provider: ProviderAPI, token: Any, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("scripts._sending.MOST_GAS", most)
    account = ape.accounts.test_accounts[0]
    sender = Sender(account, provider, print)
    needed = sender.gas_of("make 1", token.mint, account, 1)
    receipt = sender.send("make 1", token.mint, account, 1)
    assert receipt is not None
    allowed = int(provider.make_request("eth_getTransactionByHash", [receipt.txn_hash])["gas"], 16)
    assert allowed == max(needed, min(needed * 5 // 4 + SPARE_GAS, most))
    assert sender.most_gas(100) == most, "a block has more"


def test_send__estimated_well_and_not_carried_out__says_how_far_it_came(
    anvil: Anvil, provider: ProviderAPI, token: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = ape.accounts.test_accounts[4:6]
    sender = Sender(one, provider, print)
    sender.send("make 5", token.mint, one, 5)
    data = "0x" + token.transfer.encode_input(other, 5).hex()

    def come_before() -> None:
        wait_until(lambda: anvil.call("txpool_status")["queued"] == "0x1", what="one that waits for its turn")
        anvil.call("eth_sendTransaction", {"from": one.address, "to": token.address, "data": data})

    before = Thread(target=come_before)
    before.start()
    with pytest.raises(SendError, match=r"give 5: not carried out. ERC20InsufficientBalance\(balance=0"):
        sender.send("give 5", token.transfer, other, 5, nonce=one.nonce + 1)
    before.join()

    def gone(*_: Any) -> None:
        raise ConnectionError("gone")

    anvil.call("evm_setAutomine", False)
    try:
        monkeypatch.setattr(type(provider.network), "transaction_acceptance_timeout", 0)
        with pytest.raises(
            SendError,
            match=r"make 5: may be sent, and was seen in no block that stays. Transaction '0x\w{64}'",
        ):
            sender.send("make 5", token.mint, one, 5)
        monkeypatch.setattr(type(one), "call", gone)
        with pytest.raises(
            SendError, match=r"make 5: may be sent, and was seen in no block that stays. gone."
        ):
            sender.send("make 5", token.mint, one, 5)
    finally:
        anvil.call("evm_setAutomine", True)
        anvil.mine()
    assert sender.count == 1


def test_send__live_network_reorganised__awaits_the_block_that_stays(
    anvil: Anvil, provider: ProviderAPI, token: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anvil is no live network: here it says to be another node."""
    monkeypatch.setattr("scripts._sending.DEVELOPMENT_NODES", ("none",))
    monkeypatch.setattr("scripts._confirming.PAUSE", 0.05)
    account = ape.accounts.test_accounts[6]
    sender, before = Sender(account, provider, print), anvil.rpc.block_number

    def reorganise() -> None:
        wait_until(lambda: anvil.rpc.block_number > before, what="its first block")
        sent = anvil.call("eth_getBlockByNumber", "latest", False)["transactions"][0]
        raw = anvil.call("eth_getRawTransactionByHash", sent)
        anvil.call("anvil_reorg", 1, [])
        anvil.call("eth_sendRawTransaction", raw)
        anvil.mine(5)

    chain = Thread(target=reorganise)
    chain.start()
    receipt = sender.send("make 5", token.mint, account, 5)
    chain.join()
    assert receipt is not None
    assert receipt.block_number == before + 2, "in the first block it does not stand any more"

    before = anvil.rpc.block_number
    monkeypatch.setattr("scripts._confirming.PATIENCE", 0)
    with pytest.raises(SendError, match=r"seen in no block that stays. waited 0 s in vain for 5 blocks on"):
        sender.send("make 5", token.mint, account, 5)
    assert anvil.rpc.block_number == before + 1
    assert sender.count == 1


def test_agree__live_network__asks_and_a_no_ends_it(
    provider: ProviderAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anvil is no live network: here it says to be another node."""
    account, asked = ape.accounts.test_accounts[0], list[str]()
    agree(provider, account, yes=False)
    monkeypatch.setattr("scripts._sending.DEVELOPMENT_NODES", ("none",))

    def no(question: str, abort: bool) -> None:
        asked.append(question)
        raise click.Abort

    monkeypatch.setattr(click, "confirm", no)
    agree(provider, account, yes=True)
    agree(provider, account, yes=False, dry_run=True)
    assert asked == []
    with pytest.raises(click.Abort):
        agree(provider, account, yes=False)
    assert asked == ["Send this to a live network?"]
    monkeypatch.undo()
    monkeypatch.setattr(click, "confirm", no)
    with pytest.raises(click.Abort):
        agree(provider, account, yes=False, question="Sign?", anywhere=True)
    assert asked[1:] == ["Sign?"], "on a development node"
