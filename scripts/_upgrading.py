"""An upgrade of vesting from the first look to the proposal; each step can be done again."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address

from listener.chain.registry import RegisteredContract, Registry, parse_registry
from scripts._chain import ChainReader
from scripts._desk import Desk
from scripts._find_registry import asked
from scripts._given import is_address
from scripts._governing import Governing
from scripts._proposal import Proposal, ProposalError, parse_proposal, write_document
from scripts._safe_acts import build_file
from scripts._safe_file import read_safe_file
from scripts._sending import is_development_node
from scripts._upgrade import Making, check_layout, running, runs_already, upgrade_proposal
from scripts._upgrade_trial import Trial


@dataclass(frozen=True)
class Upgrading:
    """What is to be made, and the file that asks for it: of the governor, or of a Safe that owns vesting."""

    making: Making
    file: Path
    why: str
    safe: str | None = None

    def is_needed(self) -> bool:
        """Whether other code runs now, which this version can follow. Raises ProposalError."""
        vesting = self._registry.contract("Vesting")
        if runs_already(self._chain, vesting, self.making.version):
            self.making.say(f"Nothing to do: {vesting.address} runs this code already.")
            return False
        self._check_record(vesting)
        check_layout(self.making.record, self.making.version.layout)
        self.making.say(f"The storage of {vesting.address} stays readable.")
        self._check_owner()
        self._check_file()
        return True

    def rehearse(self, sample: int, meant: Collection[str] = (), *, propose: bool) -> dict[str, int]:
        """All of it on a fork: what it takes in gas. Raises ProposalError for what would go wrong.

        `meant` are views whose answers may change.
        """
        return Trial(
            making=self.making,
            registry=self._registry,
            owner=self._owner,
            sample=sample,
            meant=meant,
            proposal=self._proposal if propose and self._governing.stage is None else None,
            say=lambda line: self.making.say(f"rehearsed   {line}"),
        ).run()

    def carry_out(self, *, propose: bool) -> None:
        """Deploy it, write the file, and propose it where that was asked for."""
        self.making.make(development=is_development_node(self.making.provider))
        if self.safe:
            if not self.file.exists():
                build_file(self._desk, self.safe, self._proposal).write(self.file)
            self.making.say(f"Next: ape run safe sign {self.file}")
            return
        write_document(self.file, self._document)
        stage = self._governing.stage if propose else None
        if not propose:
            self.making.say(f"Next: ape run governance propose {self.file}")
        elif stage is not None:
            self.making.say(f"It was proposed before and is {stage.name.lower()}.")
        else:
            self._governing.propose()

    # What is asked for

    @property
    def _document(self) -> dict[str, Any]:
        return upgrade_proposal(self.making.address, self.why, self.making.version.call)

    @property
    def _proposal(self) -> Proposal:
        return parse_proposal(self._document, self._registry)

    @property
    def _governing(self) -> Governing:
        making = self.making
        return Governing(self._chain, self._registry, self._proposal, making.say, making.sender)

    def _check_file(self) -> None:
        """A file of that name is an earlier run's, or not to be lost."""
        if not self.file.exists():
            return
        try:
            if self.safe:
                found = read_safe_file(self.file).transaction
                meant = (to_checksum_address(self.safe), self._proposal.what)
                is_ours = (found.safe, Proposal(found.calls, self.why).what) == meant
            else:
                is_ours = json.loads(self.file.read_text(encoding="utf-8")) == self._document
        except (ProposalError, ValueError):
            is_ours = False
        if not is_ours:
            raise ProposalError(f"{self.file} holds something else: name another file.")

    # The chain

    @property
    def _registry(self) -> Registry:
        return parse_registry(self.making.record.document)

    @property
    def _chain(self) -> ChainReader:
        return ChainReader(lambda method, params: asked(self.making.provider, method, params))

    @property
    def _desk(self) -> Desk:
        return Desk(self._chain, self._registry, self.making.provider, self.making.say)

    @property
    def _owner(self) -> str:
        return to_checksum_address(self._chain.view(self._registry.contract("Vesting"), "owner"))

    def _check_record(self, vesting: RegisteredContract) -> None:
        """The layout on record is that of what runs."""
        runs, recorded = running(self._chain, vesting), vesting.extra.get("implementation")
        if runs != recorded:
            raise ProposalError(
                f"Vesting runs {runs}, the record says {recorded}. Note what runs by `ape run deploy` first."
            )

    def _check_owner(self) -> None:
        """Who has to do it is who was named."""
        if self.safe is not None and not is_address(self.safe):
            raise ProposalError(f"--safe: {self.safe} is no address.")
        meant = self.safe or self._registry.contract("Timelock").address
        if self._owner != to_checksum_address(meant):
            raise ProposalError(
                f"Vesting is owned by {self._owner}, not by {'the Safe' if self.safe else 'the timelock'} {meant}. "
                "If its owner is a Safe, name that: --safe."
            )


__all__ = ["Upgrading"]
