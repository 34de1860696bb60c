"""What a script sends, or would send: counted, priced, and a refusal told by its name."""

from collections.abc import Iterator
from typing import Any

import ape
import click
import pytest
from ape.api import ProviderAPI
from eth_account import Account

from scripts._sending import GWEI, Sender, SendError, agree
from tests.support.anvil import Anvil


@pytest.fixture(scope="module")
def provider() -> Iterator[ProviderAPI]:
    with Anvil() as anvil, ape.networks.parse_network_choice(f"ethereum:local:{anvil.url}") as found:
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
    assert real.summary().startswith("1 transactions sent: ")
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
    with pytest.raises(SendError, match=r"give one: refused: ERC20InsufficientBalance"):
        sender.send("give one", token.transfer, ape.accounts.test_accounts[0], 1)
    assert sender.count == 0


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
