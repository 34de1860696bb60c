"""A deployment whose guardian is a Safe, and the steps of `ape run safe` on it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ape

from scripts._chain import ChainReader
from scripts._desk import Desk, Sender
from scripts._find_registry import asked
from tests.scripts import daily
from tests.scripts.deploying import Deploying
from tests.support.anvil import dev_account

DAY = 86_400


@dataclass
class Guarded:
    """A deployment whose guardian is a Safe of Ann, Bob and Cid, two of whom have to agree."""

    made: Deploying
    safe: str
    folder: Path

    @property
    def network(self) -> str:
        return f"ethereum:local:{self.made.anvil.url}"

    @property
    def env(self) -> dict[str, str]:
        return {"DEPLOYMENTS_DIR": str(self.made.folder)}

    def done(self, *arguments: Any, account: int | None = None) -> str:
        """What a step of `ape run safe` says that goes well."""
        return daily.done(self, "safe", *arguments, account=account)  # type: ignore[arg-type]

    def refused(self, *arguments: Any, account: int | None = None) -> str:
        return daily.refused(self, "safe", *arguments, account=account)  # type: ignore[arg-type]

    def build(self, name: str, document: Any, *more: str) -> Path:
        """The Safe's file of these calls."""
        calls, file = self.folder / f"{name}.calls.json", self.folder / f"{name}.json"
        calls.write_text(json.dumps(document))
        self.done("build", calls, file, "--safe", self.safe, *more)
        return file

    def pause(self, days: int) -> dict[str, Any]:
        now = int(self.made.anvil.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
        call = {"contract": "Vesting", "function": "pauseUntil", "arguments": [now + days * DAY]}
        return {"description": f"Pause for {days} days", "calls": [call]}

    def view(self, name: str, function: str, *arguments: Any) -> Any:
        contract = self.made.registry.contract(name)
        return ChainReader(lambda method, params: self.made.anvil.call(method, *params)).view(
            contract, function, *arguments
        )

    @property
    def paused_until(self) -> int:
        return int(self.view("Vesting", "lastPause")[1])

    def sent(self, account: int) -> int:
        who = dev_account(account).address
        return int(self.made.anvil.call("eth_getTransactionCount", who, "latest"), 16)

    @contextmanager
    def desk(self, account: int) -> Iterator[Desk]:
        """As a command has it; a block comes when something waits for it."""

        def say(line: str) -> None:
            self.made.said.append(line)
            if line.startswith("waiting"):
                self.made.anvil.mine()

        with ape.networks.parse_network_choice(self.network) as provider:
            chain = ChainReader(lambda method, params: asked(provider, method, params))
            sender = Sender(ape.accounts.test_accounts[account], provider, say, False)
            yield Desk(chain, self.made.registry, provider, say, sender)


__all__ = ["Guarded"]
