"""How the sender asks the chain: in batches, and with several providers where there are several."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import structlog

from backend.hexes import from_hex, to_hex
from backend.sender.model import Fees, Funds, Receipt
from backend.sender.witnesses import Report, Verdict, is_disputed, judge, tell_disagreements
from listener.chain.faults import PermanentError, RpcError, TransientError, UnavailableError
from listener.chain.rpc import Call, Provider, RpcPool
from listener.chain.settings import chain_settings
from listener.pulse import goes_on

log = structlog.get_logger(__name__)
PATIENCE = 4.0
FEE_AGE = 1.0
HEAD_AGE = 0.05


class ChainView:
    """Questions of the sender to one chain."""

    def __init__(
        self, pool: RpcPool, max_fee_cap: int, finality_depth: int | None = None, witnesses: int = 1
    ) -> None:
        self.pool = pool
        self._cap = max_fee_cap
        self._depth = finality_depth
        self._witnesses = witnesses
        self._fees: tuple[float, Fees] | None = None
        self._head: tuple[float, bytes | None] | None = None

    async def ask_each(self, calls: Sequence[Call]) -> list[Any]:
        """Answers in order.

        A refusal or a fault stands in place of its answer, so one bad call harms no other.
        """
        if not calls:
            return []
        goes_on()
        try:
            return await self.pool.batch(calls, patience=PATIENCE)
        except UnavailableError:
            if len(calls) == 1:
                raise
        answers: list[Any] = []
        for call in calls:
            goes_on()
            try:
                answers.append(await self.pool.call(*call, patience=0.0))
            except RpcError as error:
                answers.append(error)
        if all(isinstance(answer, UnavailableError) for answer in answers):
            raise UnavailableError(f"none of {len(calls)} calls was answered; the last: {answers[-1]}")
        return answers

    async def send_raw(self, raws: Sequence[bytes], everywhere: bool) -> list[Any]:
        """Send stored bytes in order.

        `everywhere` to every provider, the first understood answer counting.
        """
        calls = [Call("eth_sendRawTransaction", [to_hex(raw)]) for raw in raws]
        if not everywhere or len(self.pool.providers) == 1:
            return await self.ask_each(calls)
        rounds = await asyncio.gather(*(self._send_to(provider, calls) for provider in self._usable()))
        return [
            next((answer for answer in answers if not isinstance(answer, TransientError)), answers[0])
            for answers in zip(*rounds, strict=True)
        ]

    async def ask_everyone(self, raw: bytes) -> list[Any]:
        """Send stored bytes to every provider of this chain; each one's answer or fault."""
        return [told[0] for told in await self.ask_all([Call("eth_sendRawTransaction", [to_hex(raw)])])]

    async def ask_all(self, calls: Sequence[Call]) -> list[list[Any]]:
        """The answers or faults of every provider of this chain."""
        providers = [one for one in self.pool.providers if not one.is_refused]
        return await asyncio.gather(*(self._send_to(one, calls) for one in providers))

    async def head(self) -> int | None:
        """Number of the latest block; None where it was not answered."""
        return _number((await self.ask_each([Call("eth_blockNumber")]))[0])

    async def head_hash(self) -> bytes | None:
        """Hash of the latest block, at most a moment old; None where it was not answered."""
        now = time.monotonic()
        if self._head is None or now - self._head[0] > HEAD_AGE:
            (answer,) = await self.ask_each([Call("eth_getBlockByNumber", ["latest", False])])
            found = answer.get("hash") if isinstance(answer, dict) else None
            self._head = (now, from_hex(found) if isinstance(found, str) else None)
        return self._head[1]

    async def fees(self) -> Fees | None:
        """What to offer for the next blocks, at most a second old.

        None when even the base fee is above the cap.
        """
        now = time.monotonic()
        if self._fees is None or now - self._fees[0] > FEE_AGE:
            block, tip = await self.pool.batch(
                [Call("eth_getBlockByNumber", ["latest", False]), Call("eth_maxPriorityFeePerGas")],
                patience=PATIENCE,
            )
            if isinstance(block, PermanentError) or not block:
                raise UnavailableError(f"the latest block cannot be read: {block}")
            base = int(block.get("baseFeePerGas") or "0x0", 16)
            priority = int(tip, 16) if isinstance(tip, str) else 10**9
            self._fees = (now, Fees(2 * base + priority, priority))
        fees = self._fees[1]
        if (fees.max_fee - fees.priority_fee) // 2 > self._cap:
            return None
        return Fees(min(fees.max_fee, self._cap), min(fees.priority_fee, self._cap))

    async def receipts(self, hashes: Sequence[bytes]) -> Verdict:
        """Receipts that enough providers agree on, and which of them are final.

        Each is asked for its final block before the receipts: what is then found at or below it is final. Those
        needed are asked first; the others when one of them is silent or they differ.
        """
        needed = self.needed
        if needed <= 1:
            return judge(
                [await self.pool.attempt(lambda one: self._report(one, hashes), patience=PATIENCE)], 1
            )
        usable = sorted(self._usable(), key=lambda one: one.badness)
        reports = await self._reports(usable[:needed], hashes)
        if len(usable) > needed and (len(reports) < needed or is_disputed(reports)):
            reports += await self._reports(usable[needed:], hashes)
        if not reports:
            raise UnavailableError(f"no provider told the receipts of {len(hashes)} transactions")
        if len(reports) < needed:
            log.warning("too_few_witnesses", told=len(reports), needed=needed, next="nothing is called mined")
        elif is_disputed(reports):
            tell_disagreements(reports)
        return judge(reports, needed)

    @property
    def needed(self) -> int:
        """How many providers must agree: so many as are wanted, where there are so many of this chain."""
        return max(1, min(self._witnesses, sum(not one.is_refused for one in self.pool.providers)))

    async def _reports(self, providers: Sequence[Provider], hashes: Sequence[bytes]) -> list[Report]:
        asked = (provider.guarded(lambda one: self._report(one, hashes)) for provider in providers)
        told = await asyncio.gather(*asked, return_exceptions=True)
        for one in told:
            if isinstance(one, BaseException) and not isinstance(one, RpcError):
                raise one
        return [one for one in told if isinstance(one, Report)]

    async def block_hashes(self, numbers: Sequence[int]) -> dict[int, bytes | None]:
        """Canonical hash at each height, None where there is no block.

        Heights that were not answered are left out.
        """
        answers = await self.ask_each([Call("eth_getBlockByNumber", [hex(n), False]) for n in numbers])
        return {
            number: from_hex(answer["hash"]) if answer else None
            for number, answer in zip(numbers, answers, strict=True)
            if answer is None or isinstance(answer, dict)
        }

    async def nonces(self, addresses: Sequence[str], tag: str) -> list[int | None]:
        """Transaction count of each address at a block tag or height; None where it was not answered."""
        answers = await self.ask_each(
            [Call("eth_getTransactionCount", [address, tag]) for address in addresses]
        )
        return [_number(answer) for answer in answers]

    async def agreed_nonce(self, address: str) -> int | None:
        """Transaction count with what is pending, as so many providers tell it as a receipt needs; None until then."""
        told = await asyncio.gather(*(self._pending_count(one, address) for one in self._usable()))
        counts = Counter(count for count in told if count is not None)
        if counts and max(counts.values()) >= self.needed:
            return counts.most_common(1)[0][0]
        log.error(
            "providers_disagree", address=address, counts=told, next="no nonce is taken until they agree"
        )
        return None

    async def balances(self, addresses: Sequence[str]) -> list[int | None]:
        """Latest balance of each address in wei; None where it was not answered. Raises UnavailableError."""
        answers = await self.ask_each([Call("eth_getBalance", [address, "latest"]) for address in addresses])
        return [_number(answer) for answer in answers]

    async def funds(self, addresses: Sequence[str]) -> list[Funds | None]:
        """What each address has, and after how many of its transactions; None where it was not answered.

        The count is asked before and after the balance: where a fork came between, the lower one says what the
        balance may not have paid yet. Raises UnavailableError.
        """
        questions = ("eth_getTransactionCount", "eth_getBalance", "eth_getTransactionCount")
        answers = await self.ask_each(
            [Call(method, [address, "latest"]) for address in addresses for method in questions]
        )
        told = [_number(answer) for answer in answers]
        return [_funds(*told[at : at + 3]) for at in range(0, len(told), 3)]

    async def spender_of(self, address: str, nonce: int, known_used_at: int) -> bytes | None:
        """Hash of the transaction that used a nonce, found by bisecting the account's count.

        None when unsure.
        """
        low, step = known_used_at, 64
        while True:
            low = max(0, low - step)
            (count,) = await self.nonces([address], hex(low))
            if count is None:
                return None
            if count <= nonce or low == 0:
                break
            step *= 4
        high = known_used_at
        while high - low > 1:
            middle = (low + high) // 2
            (count,) = await self.nonces([address], hex(middle))
            if count is None:
                return None
            low, high = (low, middle) if count > nonce else (middle, high)
        block = await self.pool.call("eth_getBlockByNumber", [hex(high), True], patience=PATIENCE)
        for transaction in (block or {}).get("transactions", ()):
            if transaction["from"].lower() == address.lower() and int(transaction["nonce"], 16) == nonce:
                return from_hex(transaction["hash"])
        return None

    def _usable(self) -> list[Provider]:
        now = time.monotonic()
        return [one for one in self.pool.providers if not one.is_refused and one.ready_at <= now]

    async def _pending_count(self, provider: Provider, address: str) -> int | None:
        try:
            return _number(
                await provider.guarded(lambda one: one.call("eth_getTransactionCount", [address, "pending"]))
            )
        except RpcError:
            return None

    async def _send_to(self, provider: Provider, calls: Sequence[Call]) -> list[Any]:
        goes_on()
        try:
            return await provider.guarded(lambda one: one.batch(calls))
        except RpcError as error:
            return [TransientError(str(error))] * len(calls)

    async def _report(self, provider: Provider, hashes: Sequence[bytes]) -> Report:
        try:
            final = await self._finalized(provider)
            answers = await provider.batch([Call("eth_getTransactionReceipt", [to_hex(h)]) for h in hashes])
            found = {
                hash_: receipt_of(hash_, answer)
                for hash_, answer in zip(hashes, answers, strict=True)
                if isinstance(answer, dict) and answer.get("blockNumber") and answer.get("blockHash")
            }
        except (ValueError, TypeError, KeyError) as error:
            raise TransientError(f"a receipt or block is malformed: {error}", "malformed") from None
        return Report(provider.name, final, found)

    async def _finalized(self, provider: Provider) -> int:
        """Number of the newest final block: the given depth, else the tag, else the chain's depth."""
        depth = self._depth
        if depth is None:
            try:
                block = await provider.call("eth_getBlockByNumber", ["finalized", False])
                return int(block["number"], 16) if block else -1
            except PermanentError:
                depth = chain_settings(self.pool.chain_id or 0).finality_depth
        return int(await provider.call("eth_blockNumber"), 16) - depth


_MOST_WEI = 2**96  # more than there is of any currency


def receipt_of(hash_: bytes, answer: dict[str, Any]) -> Receipt:
    """A receipt as a provider gave it; raises KeyError, ValueError where it lacks what counts."""
    number, succeeded = int(answer["blockNumber"], 16), int(answer.get("status", "0x0"), 16) == 1
    return Receipt(hash_, number, from_hex(answer["blockHash"]), succeeded, _fee(answer))


def _fee(answer: dict[str, Any]) -> int | None:
    """For reports only: what cannot be read must not keep a receipt from counting."""
    try:
        fee = int(answer["gasUsed"], 16) * int(answer["effectiveGasPrice"], 16)
    except (KeyError, TypeError, ValueError):
        return None
    return fee if 0 <= fee < _MOST_WEI else None


def _funds(before: int | None, balance: int | None, after: int | None) -> Funds | None:
    return None if before is None or balance is None or after is None else Funds(balance, min(before, after))


def _number(answer: Any) -> int | None:
    """A quantity; None for anything else, which is a provider's fault."""
    try:
        return int(answer, 16) if isinstance(answer, str) else None
    except ValueError:
        return None
