"""A deployment that is killed at every step and started again leaves the very chain that an undisturbed one leaves.

Each run is a real process: it kills itself (SIGKILL) after the first transaction or the first write of the record that the
runs before it have not come to. Every other transaction is not even mined then. As blocks are a second apart, the same
transactions make the same block hashes: one more, one less or another one would show.
"""

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ape
import IPython  # noqa: F401
from ape.api import TransactionAPI
from ape_ethereum.provider import Web3Provider

from scripts import _coordinator
from scripts._registry_file import RegistryFile
from tests.scripts.deploying import Deploying
from tests.support.anvil import Anvil, dev_account
from tests.support.waiting import wait_until

GENESIS = ("--timestamp", "1700000000")
MOST_RUNS = 100


@dataclass
class Dying:
    """The deployment in a process of its own, which ends itself after its first new step."""

    made: Deploying
    said: Path
    account: int = 0
    deaths: int = 0

    def start(self, *, dies: bool) -> int:
        """Fork; the id of the process."""
        child = os.fork()
        if child == 0:
            self._become(dies)
        return child

    def _become(self, dies: bool) -> None:
        """In the child: nothing of the test's own clean-up may run here."""
        code = 1
        try:
            with self.said.open("w", buffering=1) as output:
                if dies:
                    self._arm()
                self.made.said = _Lines(output)
                output.write(f"sent {self.made.run()}\n")
                code = 0
        finally:
            os._exit(code)

    def _arm(self) -> None:
        send, save = Web3Provider._send_transaction, RegistryFile.save
        anvil, unmined = self.made.anvil, self.deaths % 2 == 0

        def send_and_die(provider: Any, transaction: TransactionAPI) -> Any:
            if unmined:
                anvil.call("evm_setAutomine", False)
            send(provider, transaction)
            os.kill(os.getpid(), signal.SIGKILL)

        def save_and_die(record: RegistryFile) -> None:
            before = record.path.read_bytes() if record.path.exists() else b""
            save(record)
            if record.path.read_bytes() != before:
                os.kill(os.getpid(), signal.SIGKILL)

        Web3Provider._send_transaction = send_and_die  # type: ignore[method-assign]
        RegistryFile.save = save_and_die  # type: ignore[method-assign]

    def run(self, *, dies: bool) -> int | None:
        """How many transactions the process sent; None: it was killed."""
        # The last run died over a transaction that is not mined.
        is_held = not self.made.anvil.call("anvil_getAutomine")
        child = self.start(dies=dies)
        if is_held:
            self._mine_what_it_waits_for()
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            self.deaths += 1
            return None
        assert os.waitstatus_to_exitcode(status) == 0, self.said.read_text()
        return int(self.said.read_text().splitlines()[-1].split()[1])

    def _mine_what_it_waits_for(self) -> None:
        """Blocks come again once the run has seen that something is under way; until then it sends nothing."""
        sent = self._nonce("pending")
        wait_until(lambda: self.said.exists() and "Waiting for 1 " in self.said.read_text(), what="the wait")
        self.made.anvil.call("evm_setAutomine", True)
        wait_until(lambda: self._nonce("latest") >= sent, what="the block with what was sent")

    def _nonce(self, block: str) -> int:
        return int(
            self.made.anvil.call("eth_getTransactionCount", dev_account(self.account).address, block), 16
        )


class _Lines(list[str]):
    """What is said goes to a file, at once."""

    def __init__(self, output: Any) -> None:
        super().__init__()
        self._output = output

    def append(self, line: str) -> None:
        self._output.write(line + "\n")


def head(anvil: Anvil) -> tuple[str, str]:
    """Number and hash of the last block."""
    block = anvil.call("eth_getBlockByNumber", "latest", False)
    return block["number"], block["hash"]


def _load() -> None:
    """Once, before the forks; IPython is what ape loads with the first call of a contract."""
    assert ape.project.Timelock.contract_type
    assert _coordinator.container().contract_type


def test_deploy__killed_at_every_step__leaves_the_chain_of_an_undisturbed_one(tmp_path: Path) -> None:
    _load()
    with Anvil(arguments=GENESIS) as calm, Anvil(arguments=GENESIS) as anvil:
        undisturbed = Deploying(calm, tmp_path / "undisturbed")
        undisturbed.own_clock()
        sent = Dying(undisturbed, tmp_path / "said").run(dies=False)
        assert undisturbed.failing() == []

        made = Deploying(anvil, tmp_path / "deployments")
        made.own_clock()
        dying = Dying(made, tmp_path / "said")
        while dying.run(dies=True) is None:
            assert dying.deaths < MOST_RUNS
        assert sent is not None
        assert dying.deaths > 2 * sent, "killed after every transaction and every write of the record"

        assert head(anvil) == head(calm)
        record = made.record.path.read_bytes()
        assert record == undisturbed.record.path.read_bytes()
        assert made.failing() == []
        assert dying.run(dies=False) == 0
        assert head(anvil) == head(calm)
        assert made.record.path.read_bytes() == record
