"""Chain, accounts, contracts and receipts over an engine; see the package's words."""

import os
from collections.abc import Iterator
from functools import cached_property
from importlib.util import find_spec
from typing import Any

from eth_account import Account as Signer
from eth_utils import keccak

from tests.evm.abi import ErrorAbi, EventLog, FunctionAbi, Parameters, Registry, checksum, plain
from tests.evm.build import Build
from tests.evm.engine import GAS, START, VIEW_GAS, Call, Engine, Outcome, Refused
from tests.evm.errors import Reverted

ETHER = 10**18
NOBODY = "0x" + "00" * 19 + "01"
LOCAL_CHAIN = 31337


def open_chain(build: Build, engine: str | None = None, chain_id: int = LOCAL_CHAIN) -> "Chain":
    """A new chain on the engine named, else by TOMBOLA_EVM, else on revm where it is installed. Close it."""
    name = engine or os.environ.get("TOMBOLA_EVM") or ("revm" if find_spec("pyrevm") else "anvil")
    if name == "revm":
        from tests.evm.revm import Revm

        return Chain(build, Revm(chain_id))
    if name == "anvil":
        from tests.evm.node import Node

        return Chain(build, Node(chain_id))
    raise ValueError(f"TOMBOLA_EVM is revm or anvil, not {name}")


class Account:
    """An address that can send; `private_key` is known for those of `chain.accounts`."""

    def __init__(self, chain: "Chain", address: str, private_key: str = "") -> None:
        self.chain, self.address, self.private_key = chain, checksum(address), private_key

    @property
    def balance(self) -> int:
        return self.chain.engine.balance(self.address)

    @property
    def nonce(self) -> int:
        return self.chain.engine.nonce(self.address)

    def transfer(self, to: Any, amount: int, data: bytes = b"", gas: int = GAS) -> "Receipt":
        """POL, and calldata if wanted."""
        return self.chain.transact(Call(self.address, plain(to), data, amount, gas))

    def deploy(self, container: "Container", *arguments: Any, value: int = 0, gas: int = GAS) -> "Contract":
        """A new contract; refused like any call when its constructor reverts."""
        receipt = self.chain.transact(Call(self.address, None, container.creation(*arguments), value, gas))
        return container.at(receipt.outcome.created)

    def __str__(self) -> str:
        return self.address

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        return _same_address(self.address, other)

    def __hash__(self) -> int:
        return hash(self.address)


class Accounts:
    """As many as asked for, by number, and those again by their address; the same keys on every chain."""

    def __init__(self, chain: "Chain") -> None:
        self._chain = chain
        self._known: dict[int, Account] = {}

    def __getitem__(self, index: int | str) -> Account:
        if isinstance(index, str):
            return next(account for account in self._known.values() if account == index)
        if index not in self._known:
            signer = Signer.from_key(keccak(text=f"tombola test account {index}"))
            self._known[index] = Account(self._chain, signer.address, signer.key.to_0x_hex())
        return self._known[index]


class Receipt:
    """What a transaction left behind."""

    def __init__(
        self, chain: "Chain", outcome: Outcome, function: FunctionAbi | None, timestamp: int
    ) -> None:
        self._chain, self.outcome, self._function, self.timestamp = chain, outcome, function, timestamp
        self.gas_used = outcome.gas_used
        self.block_number = chain.block_number

    @cached_property
    def return_value(self) -> Any:
        """Of anvil ask it before another snapshot is restored."""
        return self._function.result(self.outcome.output) if self._function else None

    @cached_property
    def events(self) -> list[EventLog]:
        """In the order of emission; logs that no ABI of ours knows are left out."""
        return list(self._decoded())

    def _decoded(self) -> Iterator[EventLog]:
        for log in self.outcome.logs:
            known = (
                self._chain.registry.events.get((log.topics[0], len(log.topics) - 1)) if log.topics else None
            )
            if known:
                yield known.decode(log.address, log.topics, log.data)


class Method:
    """One or several functions of a name; the number and kind of arguments decides which."""

    def __init__(self, contract: "Contract", functions: list[FunctionAbi]) -> None:
        self._contract, self._functions = contract, functions
        self._only = functions[0] if len(functions) == 1 else None

    def __call__(self, *arguments: Any, sender: Any = None, value: int = 0, gas: int | None = None) -> Any:
        function, data = self._chosen(arguments)
        chain, to = self._contract.chain, self._contract.address
        if function.is_view:
            answer = chain.read(Call(_sender(sender), to, data, value, gas or VIEW_GAS))
            return function.result(answer)
        if sender is None:
            raise TypeError(f"{function.name} changes state: say sender=")
        return chain.transact(Call(_sender(sender), to, data, value, gas or GAS), function)

    def call(self, *arguments: Any, sender: Any = None, value: int = 0, gas: int | None = None) -> Any:
        """What the call would return at the head; nothing changes."""
        function, data = self._chosen(arguments)
        call = Call(_sender(sender), self._contract.address, data, value, gas or GAS)
        return function.result(self._contract.chain.read(call))

    def encode_input(self, *arguments: Any) -> bytes:
        return self._chosen(arguments)[1]

    @property
    def selector(self) -> bytes:
        return self._functions[0].selector

    def _chosen(self, arguments: tuple[Any, ...]) -> tuple[FunctionAbi, bytes]:
        if self._only is not None:
            return self._only, self._only.selector + self._only.inputs.encode(arguments)
        fitting = []
        for function in self._functions:
            try:
                fitting.append((function, function.selector + function.inputs.encode(arguments)))
            except Exception:  # noqa: S112 - eth_abi has many ways to say that arguments do not fit
                continue
        if len(fitting) != 1:
            names = ", ".join(function.signature for function in self._functions)
            raise TypeError(
                f"{len(fitting)} of {names} take these arguments; use contract.invoke(signature, …)"
            )
        return fitting[0]


class Contract:
    """A contract at an address: functions and errors by name."""

    def __init__(self, container: "Container", address: str) -> None:
        self.container, self.chain, self.address = container, container.chain, checksum(address)

    @property
    def balance(self) -> int:
        return self.chain.engine.balance(self.address)

    @property
    def code(self) -> bytes:
        return self.chain.engine.code(self.address)

    def invoke(self, signature: str, *arguments: Any, **options: Any) -> Any:
        """The overload of this signature: `contract.invoke("safeMint(address,uint256)", …)`."""
        (function,) = [f for fs in self.container.functions.values() for f in fs if f.signature == signature]
        return Method(self, [function])(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        functions = self.container.functions.get(name)
        found = Method(self, functions) if functions else self.container.errors.get(name)
        if found is None:
            raise AttributeError(f"{self.container.name} has no function or error {name}")
        self.__dict__[name] = found
        return found

    def __str__(self) -> str:
        return self.address

    def __repr__(self) -> str:
        return f"{self.container.name} at {self.address}"

    def __eq__(self, other: object) -> bool:
        return _same_address(self.address, other)

    def __hash__(self) -> int:
        return hash(self.address)


class Container:
    """A compiled contract: deploy it, or name one that is there with `at`. Its errors are attributes."""

    def __init__(self, chain: "Chain", name: str) -> None:
        self.chain, self.name = chain, name
        self.artifact = chain.build[name]

    @property
    def abi(self) -> list[dict[str, Any]]:
        abi: list[dict[str, Any]] = self.artifact["abi"]
        return abi

    def at(self, address: Any) -> Contract:
        return Contract(self, plain(address))

    def creation(self, *arguments: Any) -> bytes:
        """The code that deploys it, constructor arguments included."""
        return bytes.fromhex(self.artifact["code"]) + self._constructor.encode(arguments)

    @cached_property
    def _constructor(self) -> Parameters:
        return Parameters(next((e["inputs"] for e in self.abi if e["type"] == "constructor"), []))

    @cached_property
    def functions(self) -> dict[str, list[FunctionAbi]]:
        found: dict[str, list[FunctionAbi]] = {}
        for entry in self.abi:
            if entry["type"] == "function":
                found.setdefault(entry["name"], []).append(FunctionAbi.of(entry))
        return found

    @cached_property
    def errors(self) -> dict[str, ErrorAbi]:
        return {entry["name"]: ErrorAbi.of(entry) for entry in self.abi if entry["type"] == "error"}

    def __getattr__(self, name: str) -> ErrorAbi:
        try:
            return self.errors[name]
        except KeyError:
            raise AttributeError(f"{self.name} has no error {name}") from None


class Project:
    """Every contract of the build by name."""

    def __init__(self, chain: "Chain") -> None:
        self._chain = chain

    def __getattr__(self, name: str) -> Container:
        if name.startswith("__"):
            raise AttributeError(name)
        found = self.__dict__[name] = Container(self._chain, name)
        return found


class Chain:
    """Blocks, time, state; see the package's words. Keeps the head's time itself, the engine is told."""

    def __init__(self, build: Build, engine: Engine) -> None:
        self.build, self.engine = build, engine
        self.chain_id = engine.chain_id
        self.accounts, self.project = Accounts(self), Project(self)
        self.timestamp, self.block_number = START, 0
        self.calls = self.transactions = 0  # so far; views and transactions are calls
        self._pending: int | None = None
        self._snapshots: dict[int, tuple[Any, int, int, int | None]] = {}
        self._next_snapshot = 0
        for index in range(10):
            engine.set_balance(self.accounts[index].address, 10_000 * ETHER)

    @cached_property
    def registry(self) -> Registry:
        return Registry([artifact["abi"] for artifact in self.build.artifacts.values()])

    @property
    def pending_timestamp(self) -> int:
        """When the next block will be; set it to choose."""
        return self._pending if self._pending is not None else self.timestamp + 1

    @pending_timestamp.setter
    def pending_timestamp(self, time: int) -> None:
        if time <= self.timestamp:
            raise ValueError(f"The next block comes after {self.timestamp}, not at {time}")
        self._pending = time

    def mine(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            self.engine.mine(self._next_block())

    def warp(self, seconds: int) -> None:
        """Mine a block so much after the head."""
        if seconds > 0:
            self.pending_timestamp = self.timestamp + seconds
            self.mine()

    def read(self, call: Call) -> bytes:
        self.calls += 1
        try:
            return self.engine.call(call)
        except Refused as refusal:
            raise Reverted(refusal.data, refusal.reason, self.registry) from None

    def transact(self, call: Call, function: FunctionAbi | None = None) -> Receipt:
        self.calls += 1
        self.transactions += 1
        time = self._next_block()
        try:
            return Receipt(self, self.engine.send(call, time), function, time)
        except Refused as refusal:
            raise Reverted(refusal.data, refusal.reason, self.registry) from None

    def snapshot(self) -> int:
        """A number for `restore`, good for any number of times while no earlier one was restored."""
        self._next_snapshot += 1
        state = (self.engine.snapshot(), self.timestamp, self.block_number, self._pending)
        self._snapshots[self._next_snapshot] = state
        return self._next_snapshot

    def restore(self, snapshot: int) -> None:
        self.undo(snapshot)
        state = (self.engine.snapshot(), self.timestamp, self.block_number, self._pending)
        self._snapshots[snapshot] = state

    def undo(self, snapshot: int) -> None:
        """As `restore`, for the last time: the snapshot is used up."""
        if snapshot not in self._snapshots:
            raise KeyError(snapshot)
        for number in sorted((n for n in self._snapshots if n >= snapshot), reverse=True):
            handle, self.timestamp, self.block_number, self._pending = self._snapshots.pop(number)
            self.engine.undo(handle)

    def get_balance(self, address: Any) -> int:
        return self.engine.balance(plain(address))

    def get_code(self, address: Any) -> bytes:
        return self.engine.code(plain(address))

    def get_storage(self, address: Any, slot: int) -> int:
        return self.engine.storage(plain(address), slot)

    def set_balance(self, address: Any, amount: int) -> None:
        self.engine.set_balance(plain(address), amount)

    def set_code(self, address: Any, code: bytes) -> None:
        self.engine.set_code(plain(address), code)

    def set_storage(self, address: Any, slot: int, value: int) -> None:
        self.engine.set_storage(plain(address), slot, value)

    def delegate(self, account: Account, target: Any) -> None:
        """The account signs an EIP-7702 delegation; revm does not know them and copies the target's code."""
        self.engine.delegate(account.private_key, account.address, plain(target), self._next_block())

    def impersonate(self, address: Any) -> Account:
        """An account to send from, whoever has its key."""
        return Account(self, plain(address))

    def close(self) -> None:
        self.engine.close()

    def _next_block(self) -> int:
        self.timestamp, self._pending = self.pending_timestamp, None
        self.block_number += 1
        return self.timestamp


def _sender(sender: Any) -> str:
    return NOBODY if sender is None else str(plain(sender))


def _same_address(address: str, other: object) -> bool:
    other = plain(other)
    return isinstance(other, str) and other.lower() == address.lower()
