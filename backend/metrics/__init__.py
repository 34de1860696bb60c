"""METRICS_PORT: /metrics for Prometheus and /health, see listener/metrics_port.py.

What is measured stands in docs/metrics.md, each metric where its thing is: `metrics.py` of that folder. No label has
values that outsiders choose, so what a scrape costs is bounded.
"""

from __future__ import annotations

from prometheus_client import REGISTRY

from backend.settings import Settings, SettingsError
from listener.metrics_port import serve as serve_port
from listener.pulse import Pulse

PULSE = Pulse()
"""Of this process's loops."""


def serve(settings: Settings) -> None:
    """Answer until the process ends, where the setting names a port; raises SettingsError when it cannot be had."""
    port = settings.metrics_port
    if port is None:
        return
    try:
        serve_port(REGISTRY, PULSE, lambda: {"loops": PULSE.ages()}, port)
    except OSError as error:
        raise SettingsError(
            f"METRICS_PORT {port} cannot be used: {error.strerror}. Each process on a machine needs its own."
        ) from None
