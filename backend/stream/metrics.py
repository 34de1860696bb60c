"""The event stream, for Prometheus."""

from __future__ import annotations

from prometheus_client import Gauge

OPEN = Gauge("tombola_streams_open", "Streams and GraphQL subscriptions of this process")
