"""METRICS_PORT: GET /metrics for Prometheus, served by a thread of its own so that a scrape holds nothing up.

What is measured stands in docs/metrics.md, each metric where its thing is: `metrics.py` of that folder. No label has
values that outsiders choose, so what a scrape costs is bounded.
"""

from __future__ import annotations

from prometheus_client import disable_created_metrics, start_http_server

from backend.settings import Settings, SettingsError


def serve(settings: Settings) -> None:
    """Answer until the process ends, where the setting names a port; raises SettingsError when it cannot be had."""
    port = settings.metrics_port
    if port is None:
        return
    disable_created_metrics()  # type: ignore[no-untyped-call]
    try:
        start_http_server(port)
    except OSError as error:
        raise SettingsError(
            f"METRICS_PORT {port} cannot be used: {error.strerror}. Each process on a machine needs its own."
        ) from None
