"""Reading the metrics of a running listener, as Prometheus does."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.listener.rig import Rig
from tests.support.processes import Process
from tools.ports import free_port


class Scraped:
    """The samples of one scrape: `scraped["listener_rows_total", "table", "raffle_named"]`."""

    def __init__(self, text: str) -> None:
        self.samples: dict[tuple[str, ...], float] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                labels = [part for pair in sorted(sample.labels.items()) for part in pair]
                self.samples[sample.name, *labels] = sample.value

    def __getitem__(self, key: str | tuple[str, ...]) -> float:
        return self.samples[(key,) if isinstance(key, str) else key]

    def __contains__(self, key: str) -> bool:
        return (key,) in self.samples

    def total(self, name: str) -> float:
        """Sum over all labels."""
        return sum(value for key, value in self.samples.items() if key[0] == name)

    def errors(self, provider: str) -> dict[str, float]:
        """Errors of one provider by kind."""
        return {
            key[2]: value
            for key, value in self.samples.items()
            if key[0] == "listener_rpc_errors_total" and key[4] == provider
        }


class Watched:
    """A listener with `--metrics-port`."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.port = port

    def text(self, path: str = "/metrics") -> str:
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(url, timeout=5) as response:
            content: bytes = response.read()
            return content.decode()

    def scrape(self) -> Scraped:
        return Scraped(self.text())

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text("/health"))
        return found

    def wait_for(self, name: str, value: float, *labels: str) -> Scraped:
        """Scrape until a metric has this value."""
        self.process.wait_until(
            lambda: self.scrape().samples.get((name, *labels)) == value, what=f"{name} of {value}"
        )
        return self.scrape()


@contextmanager
def watched(rig: Rig, *urls: str, arguments: tuple[str, ...] = ()) -> Iterator[Watched]:
    """A running listener whose metrics can be scraped."""
    port = free_port()
    with rig.listener(*urls, arguments=("--metrics-port", str(port), *arguments)) as process:
        process.wait_for_http(f"http://127.0.0.1:{port}/health")
        yield Watched(process, port)
