"""The next version of vesting on a fork of the chain, before anything is sent: deployed, run by the proxy, and asked.

The owner is impersonated there. What the old version answers and what the new one does are compared at the same seconds,
soon and a year later, so that nothing but the code differs.
"""

import copy
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ape
from ape.api import ProviderAPI
from eth_utils.crypto import keccak

from listener.chain.encode import UnreadableError
from listener.chain.registry import RegisteredContract, Registry, parse_registry
from scripts._answers import answer_of
from scripts._chain import ChainReader
from scripts._evidence import CannotTellError, Check
from scripts._find_registry import asked
from scripts._governance import recorded_power
from scripts._governing import Governing
from scripts._proof import IMPLEMENTATION_SLOT, Proof
from scripts._proposal import Proposal, ProposalError
from scripts._registry_file import RegistryFile
from scripts._rehearsal import on_fork, rehearsal
from scripts._sending import Sender, is_development_node
from scripts._upgrade import Making
from scripts._vesting_state import Answers, Sample, changes, left_out, read_state, take_sample

MINUTE, YEAR = 60, 365 * 24 * 3_600
AHEAD = (MINUTE, YEAR)
"""Seconds from now at which answers are compared; a minute is more than the fork's own blocks need."""
SHOWN = 5
"""How many differences are told; the others are counted."""
_INITIALIZABLE = int.from_bytes(keccak(text="openzeppelin.storage.Initializable")) - 1
INITIALIZED_SLOT = int.from_bytes(keccak(_INITIALIZABLE.to_bytes(32))) & ~0xFF
"""ERC-7201: where OpenZeppelin's Initializable keeps what it was initialised to, in the lowest 64 bits."""
NEVER_AGAIN = 2**64 - 1


@dataclass(frozen=True)
class Trial:
    """One try. `sample` bounds how many plans, grants and campaigns are asked for; `meant` are views whose answers change.

    A `proposal` is made there too, so that too few votes are known before.
    """

    making: Making
    registry: Registry
    owner: str
    sample: int
    meant: Collection[str]
    proposal: Proposal | None
    say: Callable[[str], None]

    def run(self) -> dict[str, int]:
        """What is to be sent, and its gas. Raises ProposalError for the first finding; nothing was sent then."""
        sample = take_sample(_reader(self.making.provider), self._vesting, self.sample)
        with self._fork() as (fork, making):
            last = int(asked(fork, "eth_getBlockByNumber", ["latest", False])["timestamp"], 16)
            moments = [last + ahead for ahead in AHEAD]
            making.make(development=is_development_node(self.making.provider))
            deployment = making.sender.gas
            check_code(_reader(fork), self._vesting, making.address)
            sender = Sender(on_fork(fork, self.owner), fork, self.say)
            before = self._answers(fork, moments, sample)
            self._exchange(sender, making)
            self._compare(before, self._answers(fork, moments, sample), sample)
            self._prove(fork, making.address)
            if self.proposal is not None:
                governing = Governing(_reader(fork), self.registry, self.proposal, self.say, making.sender)
                governing.propose()
        needed = {"deploy the next version": deployment, "let the proxy run it": sender.gas}
        return {what: gas for what, gas in needed.items() if gas}

    @contextmanager
    def _fork(self) -> Iterator[tuple[ProviderAPI, Making]]:
        """A fork, and what makes the version there, with a copy of the record."""
        record = self.making.record
        with (
            tempfile.TemporaryDirectory() as folder,
            rehearsal(self.making.provider, self.making.account) as (fork, actor),
        ):
            path = Path(folder) / record.path.name
            copied = RegistryFile(path, record.chain_id, copy.deepcopy(record.document))
            asked(fork, "anvil_setBlockTimestampInterval", [1])  # however long the questions take
            yield fork, replace(self.making, provider=fork, account=actor, record=copied, say=self.say)

    @property
    def _vesting(self) -> RegisteredContract:
        return self.registry.contract("Vesting")

    def _exchange(self, sender: Sender, making: Making) -> None:
        """As the owner will."""
        proxy = ape.Contract(self._vesting.address, abi=list(self._vesting.abi))
        sender.send("let the proxy run it", proxy.upgradeToAndCall, making.address, making.version.call)

    def _answers(self, fork: ProviderAPI, moments: Sequence[int], sample: Sample) -> dict[int, Answers]:
        """All answers, by the moment; the fork is left as it was."""
        found = {}
        for moment in moments:
            snapshot = asked(fork, "evm_snapshot", [])
            asked(fork, "evm_setNextBlockTimestamp", [moment])
            asked(fork, "evm_mine", [])
            found[moment] = read_state(
                self._vesting, sample, lambda to, data: answer_of(fork, to, data), moment
            )
            asked(fork, "evm_revert", [snapshot])
        return found

    def _compare(self, before: dict[int, Answers], after: dict[int, Answers], sample: Sample) -> None:
        found = [
            (function, f"{change} ({'soon' if moment == min(before) else 'in a year'})")
            for moment, answers in before.items()
            for function, change in changes(self._vesting, answers, after[moment])
        ]
        wrong = [change for function, change in found if function not in self.meant]
        if wrong:
            more = f", and {len(wrong) - SHOWN} answers more" * (len(wrong) > SHOWN)
            raise ProposalError(
                f"On a fork the new version answers otherwise: {'; '.join(wrong[:SHOWN])}{more}. Nothing was sent."
            )
        for _, change in found:
            self.say(f"As meant: {change}")
        self.say(f"{sum(map(len, before.values())) - len(found)} answers stay the same: {sample.counts}")
        missing = left_out(self._vesting)
        if missing:
            self.say(f"Not compared, their arguments are not known here: {', '.join(missing)}")

    def _prove(self, fork: ProviderAPI, address: str) -> None:
        """What the proof of the hand-over finds wrong there has to be wrong already."""
        document = self.making.record.document
        if "proof" not in document:
            self.say("The proof of the hand-over is not on record: it was not made again")
            return
        vesting = {**document["contracts"]["Vesting"], "implementation": address}
        upgraded = {**document, "contracts": {**document["contracts"], "Vesting": vesting}}
        checks = self._proof(fork, upgraded)
        failed = [check for check in checks if not check.holds]
        if failed:
            before = {check.name for check in self._proof(self.making.provider, document) if not check.holds}
            found = [f"{check.name}: {check.detail}" for check in failed if check.name not in before]
            if found:
                raise ProposalError(
                    f"On a fork the proof of the hand-over fails: {'; '.join(found)}. Nothing was sent."
                )
        self.say(f"The proof of the hand-over holds: {len(checks) - len(failed)} of {len(checks)} findings")

    def _proof(self, provider: ProviderAPI, document: dict[str, Any]) -> list[Check]:
        return Proof(_reader(provider), parse_registry(document), recorded_power(document)).checks()


def check_code(chain: ChainReader, vesting: RegisteredContract, address: str) -> None:
    """It can be exchanged again, and nobody can make it his. Raises ProposalError."""
    try:
        slot = int.from_bytes(chain.view(vesting, "proxiableUUID", at=address))
    except (CannotTellError, UnreadableError):
        slot = 0
    if slot != IMPLEMENTATION_SLOT:
        raise ProposalError(
            "The new version has no proxiableUUID() of ERC-1822: the proxy could not run it (UUPSUpgradeable)."
        )
    if int.from_bytes(chain.storage(address, INITIALIZED_SLOT)[-8:]) != NEVER_AGAIN:
        raise ProposalError(
            "Anybody could initialise the new version itself: its constructor has to call _disableInitializers()."
        )


def _reader(provider: ProviderAPI) -> ChainReader:
    return ChainReader(lambda method, params: asked(provider, method, params))


__all__ = ["Trial", "check_code"]
