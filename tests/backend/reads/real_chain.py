"""The real contracts on an anvil of their own, mirrored by the real listener."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.types import TxReceipt

from tests.contracts import local_drand
from tests.support.anvil import Anvil
from tests.support.processes import Process
from tools.export_abi import COMPILED

REVEAL_DELAY, VRF_MARGIN, REFUND_DELAY = 6, 2, 86_400
NO_VRF = ("0x" + "00" * 20, 0, bytes(32), 0, 0, False)
FEE_BPS = 250
_ABI_OF = {"Governor": "TombolaGovernor"}
_REGISTERED = ("TokenFactory", "Vesting", "Raffle", "Contest", "Governor", "Timelock")


class RealChain:
    """Deployed contracts by name; every account of anvil is unlocked."""

    def __init__(self, anvil: Anvil) -> None:
        self.anvil = anvil
        self.w3 = Web3(HTTPProvider(anvil.url))
        self.accounts = list(self.w3.eth.accounts)
        self._compiled = json.loads(COMPILED.read_text())["contractTypes"]
        self.contracts: dict[str, Contract] = {}
        self._first_blocks: dict[str, int] = {}
        owner = self.accounts[0]
        beacon = self.deploy("DrandBeacon", local_drand.public_key(), local_drand.GENESIS, local_drand.PERIOD)
        drawing = (owner, beacon.address, REVEAL_DELAY, VRF_MARGIN, NO_VRF)
        self.deploy("Raffle", *drawing, REFUND_DELAY, FEE_BPS, owner)
        self.deploy("Contest", *drawing)
        vesting = self._deploy_vesting(owner)
        templates = [(b"token".ljust(32, b"\0"), self.deploy("Token").address)]
        self.deploy("TokenFactory", owner, owner, vesting.address, 0, templates)

    def registry(self) -> dict[str, Any]:
        """What `ape run deploy` would write."""
        names = [name for name in _REGISTERED if name in self.contracts]
        contracts: dict[str, Any] = {
            name: {
                "address": self.contracts[name].address,
                "first_block": self._first_blocks[name],
                "abi": self._compiled[_ABI_OF.get(name, name)]["abi"],
            }
            for name in names
        }
        created_by = {"contract": "TokenFactory", "event": "TokenCreated", "argument": "token"}
        contracts["Token"] = {"abi": self._compiled["Token"]["abi"], "created_by": created_by}
        return {"chain_id": self.anvil.chain_id, "contracts": contracts}

    def contract(self, name: str, address: str) -> Contract:
        """Another contract of this kind."""
        return self.w3.eth.contract(
            address=Web3.to_checksum_address(address), abi=self._compiled[name]["abi"]
        )

    def send(self, call: Any, sender: str, value: int = 0) -> TxReceipt:
        """Send a call and see that it went well."""
        return self._mined(call.transact({"from": sender, "value": value}))

    def send_raw(self, sender: str, call: dict[str, str]) -> TxReceipt:
        """Send an intent's call from its wallet, as the sender would have signed it."""
        self.anvil.call("anvil_impersonateAccount", sender)
        self.anvil.call("anvil_setBalance", sender, hex(10**18))
        transaction = {
            "from": sender,
            "to": call["to"],
            "data": call["data"],
            "value": hex(int(call["value"])),
        }
        return self._mined(self.anvil.call("eth_sendTransaction", transaction))

    def pass_until(self, time: int) -> None:
        """Mine a block at `time` (Unix seconds)."""
        self.anvil.call("evm_setNextBlockTimestamp", time)
        self.anvil.mine()

    def now(self) -> int:
        """Time of the latest block."""
        return int(self.w3.eth.get_block("latest")["timestamp"])

    def finalise(self, name: str, draw_id: int) -> None:
        """Wait for the reveal and submit the round's signature."""
        contract = self.contracts[name]
        drand_round, reveal_at = (contract.functions.drawOf(draw_id).call()[index] for index in (1, 3))
        self.pass_until(reveal_at + 2 * local_drand.PERIOD)
        self.send(contract.functions.finalise(draw_id, local_drand.sign(drand_round)), self.accounts[9])

    def mirror(self, folder: Path, database_url: str) -> int:
        """Run the listener until it is at the head; returns that block."""
        registry = folder / "registry.json"
        head = int(self.w3.eth.block_number)
        command = [
            sys.executable,
            "-m",
            "listener",
            "run",
            "--registry",
            registry,
            "--rpc-url",
            self.anvil.url,
        ]
        command += ["--database-url", database_url, "--until-block", str(head)]
        with Process(command) as listener:
            assert listener.wait() == 0, listener.text
        return head

    def govern(self, token: str, threshold: int) -> Contract:
        """A governor over a token, whose timelock it alone may use: an hour until the voting, a day of it."""
        owner = self.accounts[0]
        timelock = self.deploy("Timelock", owner)
        settings = (3_600, 86_400, 0, threshold, 4)
        governor = self.deploy(
            "TombolaGovernor",
            token,
            self.contracts["Vesting"].address,
            timelock.address,
            self.accounts[9],
            settings,
        )
        self.contracts["Governor"] = governor
        self._first_blocks["Governor"] = self._first_blocks["TombolaGovernor"]
        roles = [
            getattr(timelock.functions, f"{name}_ROLE")().call()
            for name in ("PROPOSER", "EXECUTOR", "CANCELLER")
        ]
        grants = [timelock.encode_abi("grantRole", [role, governor.address]) for role in roles]
        batch = ([timelock.address] * 3, [0] * 3, grants, bytes(32), bytes(32))
        self.send(timelock.functions.scheduleBatch(*batch, 0), owner)
        self.send(timelock.functions.executeBatch(*batch), owner)
        return governor

    def token(self, holder: str, amount: int) -> Contract:
        """A plain ERC-20 that our factory did not make."""
        token = self.deploy("TestERC20")
        self.send(token.functions.mint(holder, amount), holder)
        return token

    def _deploy_vesting(self, owner: str) -> Contract:
        """Behind its proxy, at whose address it is read."""
        logic = self.deploy("Vesting")
        proxy = self.deploy("VestingProxy", logic.address, logic.encode_abi("initialize", [owner, owner]))
        self.contracts["Vesting"] = self.contract("Vesting", proxy.address)
        return self.contracts["Vesting"]

    def deploy(self, name: str, *arguments: Any) -> Contract:
        compiled = self._compiled[name]
        factory = self.w3.eth.contract(
            abi=compiled["abi"], bytecode=compiled["deploymentBytecode"]["bytecode"]
        )
        receipt = self._mined(factory.constructor(*arguments).transact({"from": self.accounts[0]}))
        self._first_blocks[name] = receipt["blockNumber"]
        self.contracts[name] = self.contract(name, str(receipt["contractAddress"]))
        return self.contracts[name]

    def _mined(self, sent: Any) -> TxReceipt:
        receipt = self.w3.eth.wait_for_transaction_receipt(sent, timeout=30, poll_latency=0.02)
        assert receipt["status"] == 1, f"transaction {sent!r} reverted"
        return receipt
