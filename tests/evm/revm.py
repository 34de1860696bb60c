"""The EVM in this process, by pyrevm.

Its journal is the snapshot: all that transactions do is undone by a revert to a checkpoint. Balances are therefore set by
moving money, and code, which pyrevm sets beside the journal, is put back by hand.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env

from tests.evm.abi import checksum
from tests.evm.engine import START, Call, RawLog, Refused

_FAUCET = "0x" + "fa" * 20
_SINK = "0x" + "5e" * 20
_RICH = 2**200


@dataclass(frozen=True)
class _Snapshot:
    checkpoint: object
    head: tuple[int, int]
    undo: int


class _Done:
    def __init__(self, evm: EVM, output: bytes, created: str) -> None:
        self._result = evm.result
        self.output, self.created = output, created
        self.gas_used: int = self._result.gas_used

    @property
    def logs(self) -> list[RawLog]:
        return [
            RawLog(log.address, [bytes.fromhex(topic[2:]) for topic in log.topics], bytes(log.data[1]))
            for log in self._result.logs
        ]


class Revm:
    """One chain in memory."""

    name = "revm"

    def __init__(self, chain_id: int) -> None:
        self.chain_id = chain_id
        self.evm = EVM(env=Env(cfg=CfgEnv(chain_id=chain_id)), spec_id="PRAGUE")
        self._head = (0, START)
        self._undo: list[Callable[[], None]] = []
        self.evm.set_balance(_FAUCET, _RICH)
        self._at(self._head)

    def call(self, call: Call) -> bytes:
        with self._sender(call.sender):
            # pyrevm's own `is_static` is a STATICCALL, under which nothing that changes state can be tried.
            checkpoint = self.evm.snapshot()
            try:
                return self._create(call).output if call.to is None else self._run(call)
            finally:
                self.evm.revert(checkpoint)
                self.evm.reset_transient_storage()

    def send(self, call: Call, time: int) -> _Done:
        self._at((self._head[0] + 1, time))
        with self._sender(call.sender):
            try:
                if call.to is None:
                    return self._create(call)
                return _Done(self.evm, self._run(call), "")
            finally:
                self.evm.reset_transient_storage()

    def mine(self, time: int) -> None:
        self._at((self._head[0] + 1, time))

    def balance(self, address: str) -> int:
        return int(self.evm.get_balance(address))

    def nonce(self, address: str) -> int:
        return int(self.evm.basic(address).nonce)

    def code(self, address: str) -> bytes:
        # The interpreter pads code with zeros; the account knows how long it is only by its hash.
        return bytes(self.evm.get_code(address) or b"")

    def storage(self, address: str, slot: int) -> int:
        return int(self.evm.storage(address, slot))

    def set_balance(self, address: str, amount: int) -> None:
        held = self.balance(address)
        if amount > held:
            # A contract that destroys itself while it is created pays without running code of the receiver.
            gift = bytes.fromhex("73" + address[2:] + "ff")
            self.evm.deploy(_FAUCET, gift, value=amount - held)
        elif amount < held:
            with self._sender(address):
                self.evm.message_call(address, _SINK, value=held - amount)

    def set_code(self, address: str, code: bytes) -> None:
        before = self.code(address)
        self._undo.append(lambda: self._put_code(address, before))
        self._put_code(address, code)

    def delegate(self, key: str, address: str, target: str, time: int) -> None:
        """pyrevm has no EIP-7702: a copy of the code does the same to whoever calls the account."""
        self.mine(time)
        self.set_code(address, self.code(target))

    def set_storage(self, address: str, slot: int, value: int) -> None:
        self.evm.storage(address, slot)
        self.evm.insert_account_storage(address, slot, value)

    def snapshot(self) -> _Snapshot:
        return _Snapshot(self.evm.snapshot(), self._head, len(self._undo))

    def undo(self, snapshot: _Snapshot) -> None:
        self.evm.revert(snapshot.checkpoint)
        self.evm.reset_transient_storage()
        while len(self._undo) > snapshot.undo:
            self._undo.pop()()
        self._at(snapshot.head)

    def close(self) -> None:
        """Nothing outside this process was opened."""

    def _at(self, head: tuple[int, int]) -> None:
        self._head = head
        self.evm.set_block_env(BlockEnv(number=head[0], timestamp=head[1]))

    def _run(self, call: Call) -> bytes:
        try:
            answer = self.evm.message_call(
                call.sender, call.to, calldata=call.data, value=call.value, gas=call.gas
            )
        except RuntimeError as error:
            raise _refused(str(error)) from None
        return bytes(answer)

    def _create(self, call: Call) -> _Done:
        try:
            created = self.evm.deploy(call.sender, call.data, value=call.value, gas=call.gas)
        except RuntimeError as error:
            raise _refused(str(error)) from None
        return _Done(self.evm, b"", checksum(created))

    @contextmanager
    def _sender(self, address: str) -> Iterator[None]:
        """revm refuses contracts as senders (EIP-3607), so an impersonated one loses its code for the call."""
        code = self.evm.get_code(address)
        if not code:
            yield
            return
        self._put_code(address, b"")
        try:
            yield
        finally:
            self._put_code(address, bytes(code))

    def _put_code(self, address: str, code: bytes) -> None:
        account = self.evm.basic(address)
        self.evm.insert_account_info(
            address, AccountInfo(balance=account.balance, nonce=account.nonce, code=code)
        )


def _refused(text: str) -> Refused:
    """From `Revert { gas_used: 1, output: 0x… }` or `Halt { reason: OutOfGas(Basic), … }`."""
    if not text.startswith("Revert"):
        return Refused(b"", text)
    return Refused(bytes.fromhex(text.partition("output: 0x")[2].partition(" ")[0]), "reverted without data")
