"""Several providers as witnesses: a receipt counts when enough of them tell the same, and is final when enough of
those hold its block for final. A disagreement changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from backend.hexes import to_hex
from backend.sender.model import Receipt

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Report:
    """What one provider says: the number of its newest final block, and the receipts it has."""

    provider: str
    finalized: int
    receipts: dict[bytes, Receipt]


@dataclass(frozen=True)
class Verdict:
    """What may be believed. `finalized` is -1 while too few providers answer; `final` is a part of `receipts`."""

    finalized: int
    receipts: dict[bytes, Receipt]
    final: frozenset[bytes]


def judge(reports: Sequence[Report], needed: int) -> Verdict:
    """Believe what at least `needed` reports agree on."""
    heights = sorted((report.finalized for report in reports), reverse=True)
    if len(heights) < needed:
        return Verdict(-1, {}, frozenset())
    receipts: dict[bytes, Receipt] = {}
    final: set[bytes] = set()
    for hash_ in dict.fromkeys(hash_ for report in reports for hash_ in report.receipts):
        said = Counter(report.receipts[hash_] for report in reports if hash_ in report.receipts)
        receipt, votes = said.most_common(1)[0]
        if votes < needed or list(said.values()).count(votes) > 1:
            continue
        receipts[hash_] = receipt
        settled = sum(
            report.receipts.get(hash_) == receipt and report.finalized >= receipt.block_number
            for report in reports
        )
        if settled >= needed:
            final.add(hash_)
    return Verdict(heights[needed - 1], receipts, frozenset(final))


def is_disputed(reports: Sequence[Report]) -> bool:
    """Whether some provider lacks a receipt that another has, or has another one."""
    return any(report.receipts != reports[0].receipts for report in reports[1:])


def tell_disagreements(reports: Sequence[Report]) -> None:
    """Log receipts that contradict each other, and those missing where their block is called final."""
    for hash_ in dict.fromkeys(hash_ for report in reports for hash_ in report.receipts):
        said = {report.provider: report.receipts.get(hash_) for report in reports}
        found = {receipt for receipt in said.values() if receipt is not None}
        height = min(receipt.block_number for receipt in found)
        late = [
            report.provider
            for report in reports
            if hash_ not in report.receipts and report.finalized >= height
        ]
        if len(found) > 1 or late:
            log.error(
                "providers_disagree",
                transaction=to_hex(hash_),
                said={name: _shown(receipt) for name, receipt in said.items()},
                next="nothing changes until enough of them agree",
            )


def _shown(receipt: Receipt | None) -> str:
    if receipt is None:
        return "no receipt"
    end = "succeeded" if receipt.succeeded else "reverted"
    return f"{end} in block {receipt.block_number} {to_hex(receipt.block_hash)[:10]}"
