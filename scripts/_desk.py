"""What the commands of daily work have in common: options, the connection, who acts, and how a refusal is told."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ape
import click
from ape.api import AccountAPI, ProviderAPI
from ape.cli import ConnectedProviderCommand, account_option, network_option
from ape.contracts import ContractInstance

from listener.chain.registry import RegisteredContract, Registry, RegistryError
from scripts._amounts import AmountError, tell_amount
from scripts._chain import ChainReader
from scripts._deployment import ZERO_ADDRESS
from scripts._evidence import CannotTellError, Log
from scripts._find_registry import asked, find_registry
from scripts._given import DeskError
from scripts._proposal import ProposalError
from scripts._sending import DryRun, Sender, SendError, Yes, agree
from scripts._vesting_list import ListError

Decorator = Callable[[Any], Any]
POL_DECIMALS = 18
AT_ONCE = 8
"""Questions to a node: providers that answer for nothing count them per second."""
GasPart = click.option(
    "--gas-part",
    type=click.IntRange(1, 90),
    default=25,
    show_default=True,
    help="Most of a block's gas that one transaction may need, in per cent.",
)


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What amounts of a token are told with; the zero address is POL."""

    address: str
    symbol: str
    decimals: int

    def tell(self, amount: int) -> str:
        """`1.5 MEAD`."""
        return f"{tell_amount(amount, self.decimals)} {self.symbol}"


@dataclass
class Desk:
    """A connected chain with its registry and, for commands that send, an account."""

    chain: ChainReader
    registry: Registry
    provider: ProviderAPI
    say: Callable[[str], None]
    sender: Sender | None = None
    yes: bool = False
    agreed: bool = False
    """It was asked once, which is enough."""

    def contract(self, name: str, at: str | None = None) -> ContractInstance:
        """As ape calls it; `at` another address of its kind."""
        known = self.registry.contract(name)
        return ape.Contract(at or known.address, abi=list(known.abi))

    def known(self, name: str) -> RegisteredContract:
        """As the reader asks it."""
        return self.registry.contract(name)

    def view(self, name: str, function: str, *arguments: Any, at: str | None = None) -> Any:
        """What a view of a registered contract returns at the reader's block."""
        return self.chain.view(self.known(name), function, *arguments, at=at)

    def views(self, name: str, function: str, each: Iterable[tuple[Any, ...]]) -> list[Any]:
        """The same view for each of these arguments, some at once: lists of thousands are asked for one by one."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(lambda arguments: self.view(name, function, *arguments), each))

    @property
    def sending(self) -> Sender:
        """Who sends. Raises DeskError for a command that has no account."""
        if self.sender is None:
            raise DeskError("Say who acts: --account.")
        return self.sender

    @property
    def me(self) -> str:
        """The acting account's address."""
        return str(self.sending.account.address)

    @property
    def now(self) -> int:
        """The time of the reader's block, in Unix seconds."""
        found = asked(self.provider, "eth_getBlockByNumber", [hex(self.chain.head), False])
        return int(found["timestamp"], 16)

    def token(self, address: str) -> TokenFacts:
        """Symbol and decimals, as the token tells them; the zero address is POL. Raises DeskError."""
        if address == ZERO_ADDRESS:
            return TokenFacts(address, "POL", POL_DECIMALS)
        if not self.chain.has_code(address):
            raise DeskError(f"There is no token at {address} on chain {self.chain.chain_id}.")
        symbol, decimals = (self.view("Token", view, at=address) for view in ("symbol", "decimals"))
        return TokenFacts(address, symbol, decimals)

    def logs(
        self,
        name: str,
        event: str,
        *indexed: int | str | None,
        first_block: int | None = None,
        at: str | None = None,
    ) -> list[Log]:
        """Events of a contract, those with these indexed arguments (numbers, addresses; None for any)."""
        contract = self.known(name)
        topic = next(one.topic0 for one in contract.events if one.name == event)
        words = [None if one is None else _word(one) for one in indexed]
        return self.chain.logs(contract, ["0x" + topic.hex(), *words], first_block, at=at)

    def named(self, account: str) -> str:
        """With the name of what it is in the registry."""
        known = [name for name, one in self.registry.contracts.items() if account in one.addresses]
        return f"{account} ({known[0]})" if known else account

    def allow(self, token: TokenFacts, spender: str, amount: int) -> bool:
        """Approve `amount` unless so much is allowed already; False in a dry run that only said it would."""
        if int(self.view("Token", "allowance", self.me, spender, at=token.address)) >= amount:
            return True
        what = f"approve {token.tell(amount)} for {spender}"
        sent = self.sending.send(what, self.contract("Token", token.address).approve, spender, amount)
        self.chain.advance()
        return sent is not None

    def agree(self) -> None:
        """Ask where something is at stake; a development chain, --yes and --dry-run do not ask."""
        if self.agreed:
            return
        question = f"Send this to the live chain {self.chain.chain_id}?"
        agree(
            self.provider, self.sending.account, yes=self.yes, dry_run=self.sending.dry_run, question=question
        )
        self.agreed = True


def command(group: click.Group, contract: str, *parameters: Decorator, sends: bool = False) -> Decorator:
    """Add a command to a group: `function(desk, …)` on the chain whose registry has `contract`.

    `sends`: it acts, so it has --account, --dry-run and --yes.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        def looking(registry: Path | None, **given: Any) -> None:
            with told():
                function(_desk(_connected(), registry, contract), **given)

        def acting(
            account: AccountAPI, registry: Path | None, dry_run: bool, yes: bool, **given: Any
        ) -> None:
            with told():
                provider = _connected()
                sender = Sender(account, provider, click.echo, dry_run)
                desk = _desk(provider, registry, contract, sender, yes)
                function(desk, **given)
                click.echo(sender.summary())

        callback: Any = acting if sends else looking
        callback.__doc__ = function.__doc__
        common = [network_option(), _registry_option()]
        for option in [*reversed(parameters), *([*_acting_options()] if sends else []), *common]:
            callback = option(callback)
        name = function.__name__.strip("_").replace("_", "-")
        made: click.Command = group.command(name, cls=ConnectedProviderCommand)(callback)
        return made

    return decorate


def _connected() -> ProviderAPI:
    """The connection in use: ape may have had one to this chain before the command asked for it."""
    provider = ape.networks.active_provider
    if provider is None:
        raise DeskError("Say which chain: --network.")
    return provider


def _acting_options() -> Iterator[Decorator]:
    yield from (Yes, DryRun, account_option())


def _registry_option() -> Decorator:
    return click.option(
        "--registry", type=click.Path(path_type=Path), help="deployments/<chain_id>.json by default."
    )


def _desk(
    provider: ProviderAPI,
    registry: Path | None,
    contract: str,
    sender: Sender | None = None,
    yes: bool = False,
) -> Desk:
    chain = ChainReader(lambda method, params: asked(provider, method, params))
    return Desk(chain, find_registry(chain, registry, contract), provider, click.echo, sender, yes)


@contextmanager
def told() -> Iterator[None]:
    """What goes wrong in here is said in a sentence, without a trace."""
    try:
        yield
    except (
        *(DeskError, SendError, AmountError, ListError, ProposalError),
        *(CannotTellError, RegistryError, LookupError, OSError),
    ) as error:
        raise click.ClickException(str(error)) from error


def _word(value: int | str) -> str:
    """As logs are asked for it."""
    return f"0x{value if isinstance(value, int) else int(value, 16):064x}"


__all__ = ["POL_DECIMALS", "Desk", "GasPart", "TokenFacts", "command", "told"]
