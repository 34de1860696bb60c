"""A fast chain for contract tests: about ten thousand transactions a second instead of twenty.

    def test_transfer__not_enough__is_refused(chain, accounts, project):
        coin = accounts[0].deploy(project.TestERC20)
        with reverts(coin.ERC20InsufficientBalance, balance=0, needed=1):
            coin.transfer(accounts[1], 1, sender=accounts[0])

The face is that of ape, so that tests read the same:

- `account.deploy(project.Raffle, *arguments)`, `project.Raffle.at(address)`;
- `contract.name(*arguments, sender=account, value=0)` gives a receipt, for a view its value (structs are named
  tuples); `contract.name.call(…)` only simulates; `contract.name.encode_input(…)` is the calldata;
  `contract.invoke("name(uint256)", …)` picks an overload;
- a receipt has `return_value`, `events` (each with `event_name`, `address`, the arguments as attributes), `gas_used`;
- `with reverts(contract.SomeError, argument=value)`: exactly this error, see tests/evm/errors.py;
- `chain.pending_timestamp`, `mine()`, `warp(seconds)`, `snapshot()`, `restore(id)`, `set_balance`, `set_code`,
  `set_storage`, `delegate(account, target)` (EIP-7702), `impersonate(address)`, `chain_id`, `timestamp`, `block_number`.

Time: a transaction mines a block, one second after the last one unless `pending_timestamp` was set. Views see the last
block, so `chain.mine()` before them shows a new time. Gas costs nothing here.

Two engines (`TOMBOLA_EVM=revm` or `anvil` chooses; revm is the default where pyrevm can be installed):
- revm, in this process. No BLS precompiles (EIP-2537), no EIP-7702 (`delegate` copies the code); `gas_used` is a little
  low, because slots stay warm between transactions; who sends has no code meanwhile.
- anvil, over JSON-RPC. Exact in all that; the fixture `anvil_chain` gives it also where the default is revm.

Contracts come from sources by tests/evm/build.py, not from ape's build. Import: stdlib, eth_abi, eth_account,
tests.support. Fixtures are in tests/evm/plugin.py, which a conftest imports. Test: tests/evm/test_face.py.
"""

from tests.evm.build import Build
from tests.evm.chain import Account, Chain, Contract, Receipt, open_chain
from tests.evm.errors import Reverted, reverts

__all__ = ["Account", "Build", "Chain", "Contract", "Receipt", "Reverted", "open_chain", "reverts"]
