"""A local chain for tests: anvil from node_modules on a free port.

Use the fixture `anvil` (session) where tests may share a chain; `with Anvil() as chain:` gives an own one.
"""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from eth_account import Account

from tests.support.processes import ROOT, Process
from tools.ports import free_port
from tools.rpc import Rpc

ANVIL = ROOT / "node_modules" / ".bin" / "anvil"
STATES_ON_DISK = 256
"""Past states that anvil keeps in files, up to a megabyte each; without a bound it keeps 3,600."""
MNEMONIC = "test test test test test test test test test test test junk"


@dataclass(frozen=True)
class DevAccount:
    """One of the funded accounts of the development mnemonic."""

    address: str
    private_key: str


def dev_account(index: int) -> DevAccount:
    """Account `index` of anvil's default mnemonic; the first ten hold 10,000 POL on every test chain."""
    Account.enable_unaudited_hdwallet_features()
    account = Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
    return DevAccount(address=account.address, private_key=account.key.to_0x_hex())


class Anvil:
    """A running anvil. `block_time` in seconds; None mines a block for each transaction at once."""

    def __init__(
        self,
        chain_id: int = 31337,
        block_time: float | None = None,
        port: int | None = None,
        state: Path | None = None,
        arguments: tuple[str, ...] = (),
        slots_in_an_epoch: int = 1,
    ) -> None:
        """Start anvil and wait until it answers; `arguments` are passed on as they are.

        Two epochs below the head a block is final: with 1 slot head - 2, with 32 slots head - 64.
        """
        self.chain_id = chain_id
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.rpc = Rpc(self.url)
        command = [
            *(str(ANVIL), "--host", "127.0.0.1", "--port", str(self.port)),
            *("--chain-id", str(chain_id), "--slots-in-an-epoch", str(slots_in_an_epoch)),
            *("--max-persisted-states", str(STATES_ON_DISK)),
            *(() if block_time is None else ("--block-time", f"{block_time:g}")),
            *(() if state is None else ("--state", str(state))),
            *arguments,
        ]
        self.process = Process(command)
        try:
            self.process.wait_until(lambda: self.rpc.answers, what="anvil")
        except Exception:
            self.process.kill()
            raise

    def call(self, method: str, *params: Any) -> Any:
        """JSON-RPC, for example `anvil.call("anvil_reorg", 3, [])`."""
        return self.rpc.call(method, *params)

    def mine(self, blocks: int = 1) -> None:
        self.rpc.mine(blocks)

    def stop(self) -> None:
        self.process.terminate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
