"""What runs when: one table. A tick is a multiple of `every` after `offset`, in UTC."""

from __future__ import annotations

from dataclasses import dataclass

MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True)
class Entry:
    """A task without arguments, enqueued at each tick. Both times in seconds."""

    task: str
    every: int
    offset: int = 0

    def last_tick(self, now: float) -> int:
        """The newest tick at or before `now` (Unix time)."""
        return int((now - self.offset) // self.every) * self.every + self.offset


SCHEDULE: tuple[Entry, ...] = (
    Entry("chain_audit", every=10),
    Entry("expire_holds", every=MINUTE),
    Entry("read_platform", every=MINUTE, offset=MINUTE // 2),
    Entry("fold_analytics", every=MINUTE, offset=30),
    Entry("tell_of_draws", every=MINUTE),
    Entry("tell_of_low_credits", every=10 * MINUTE, offset=MINUTE),
    Entry("collect_owed_payments", every=HOUR, offset=22 * MINUTE),
    Entry("ask_stripe_again", every=HOUR, offset=37 * MINUTE),
    Entry("tell_of_renewals", every=HOUR, offset=52 * MINUTE),
    Entry("state_backing", every=10 * MINUTE, offset=3 * MINUTE),
    Entry("reconcile", every=HOUR, offset=7 * MINUTE),
    Entry("clean", every=HOUR, offset=10 * MINUTE),
    Entry("erase_due_accounts", every=10 * MINUTE, offset=4 * MINUTE),
    Entry("expire_data_exports", every=HOUR, offset=12 * MINUTE),
    Entry("renew_connections", every=DAY, offset=5 * HOUR),
    Entry("expire_drafts", every=DAY, offset=3 * HOUR),
    Entry("discard_files", every=DAY, offset=4 * HOUR),
    Entry("failure_digest", every=DAY, offset=7 * HOUR),
)
