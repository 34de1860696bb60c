"""What the API and the servers of PostgreSQL use of the processor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Machine:
    """Their processes; a standby where there is one."""

    api: psutil.Process
    postgres: psutil.Process
    standby: psutil.Process | None

    def spent(self) -> tuple[float, float, float]:
        """Seconds so far: API, PostgreSQL, standby. A backend of PostgreSQL that ended counts for its parent."""
        return _seconds([self.api]), _with_children(self.postgres), _with_children(self.standby)

    def since(self, before: tuple[float, float, float]) -> tuple[float, float, float]:
        """The same, since an earlier look."""
        api, postgres, standby = (now - then for now, then in zip(self.spent(), before, strict=True))
        return api, postgres, standby


def _with_children(server: psutil.Process | None) -> float:
    return 0.0 if server is None else _seconds([server, *server.children(recursive=True)])


def _seconds(processes: Iterable[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        try:
            spent = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += spent.user + spent.system
    return total
