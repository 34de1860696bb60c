"""Tries deploy/prometheus/alertmanager.yml: `python -m tools.alerts_told AMTOOL ALERTMANAGER`, the two programs.

Amtool says who is told of an alert; a running Alertmanager, which alerts it keeps to itself because of others.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tools.ports import free_port
from tools.waiting import wait_until

CONFIG = Path(__file__).resolve().parents[1] / "deploy" / "prometheus" / "alertmanager.yml"
TOLD = {
    "alertname=MirrorStandsStill severity=page": "page",
    "alertname=ApiSlow severity=ticket": "ticket",
    "alertname=Watchdog severity=heartbeat": "heartbeat",
    "alertname=OfSomebodyElse": "ticket",
}
PAGE, TICKET = {"severity": "page"}, {"severity": "ticket"}
FIRING: Mapping[str, Mapping[str, str]] = {
    "chain": {"alertname": "ChainAway", **PAGE},
    "mirror": {"alertname": "MirrorStandsStill", **PAGE},
    "behind": {"alertname": "ListenerBehind", **TICKET},
    "errors": {"alertname": "ApiErrors", **PAGE},
    "fewer errors": {"alertname": "ApiErrors", **TICKET},
    "no keeper": {"alertname": "ProcessMissing", "job": "keeper", **PAGE},
    "keeper": {"alertname": "ProcessDown", "job": "keeper", **TICKET},
    "worker": {"alertname": "ProcessDown", "job": "worker", **TICKET},
    "measured": {"alertname": "SystemNotMeasured", **PAGE},
    "mail": {"alertname": "MailFails", **PAGE},
    "dead mail": {"alertname": "DeadLetters", "task": "deliver_mail", **TICKET},
    "dead audit": {"alertname": "DeadLetters", "task": "chain_audit", **TICKET},
}
KEPT_BACK = {"mirror", "behind", "fewer errors", "keeper", "dead mail"}


def main(amtool: str, alertmanager: str) -> int:
    """0 if everybody is told what they should be; says what is not so."""
    subprocess.run([amtool, "check-config", str(CONFIG)], check=True, stdout=subprocess.DEVNULL)
    faults = []
    for labels, wanted in TOLD.items():
        command = [amtool, "config", "routes", "test", f"--config.file={CONFIG}", *labels.split()]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        if done.stdout.strip() != wanted:
            faults.append(f"{labels}: {done.stdout.strip()} is told, not {wanted}")
    with _running(alertmanager) as url:
        kept_back = _kept_back(url)
    faults += [
        f"{FIRING[name]}: {'is' if name in kept_back else 'is not'} kept back"
        for name in KEPT_BACK ^ kept_back
    ]
    print(
        "\n".join(faults)
        or f"Alertmanager: {len(TOLD)} routes, {len(KEPT_BACK)} of {len(FIRING)} alerts kept back."
    )
    return 1 if faults else 0


@contextmanager
def _running(alertmanager: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        address = f"127.0.0.1:{free_port()}"
        command = [alertmanager, f"--config.file={CONFIG}", f"--storage.path={folder}"]
        command += [f"--web.listen-address={address}", "--cluster.listen-address=", "--log.level=error"]
        process = subprocess.Popen(command)
        try:
            yield f"http://{address}/api/v2/alerts"
        finally:
            process.terminate()
            process.wait(30)


def _kept_back(url: str) -> set[str]:
    """Which of FIRING are not sent because others fire."""
    body = json.dumps([{"labels": labels} for labels in FIRING.values()]).encode()
    post = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - our own
    names = {frozenset(labels.items()): name for name, labels in FIRING.items()}

    def taken() -> bool:
        try:
            with urllib.request.urlopen(post, timeout=5):  # noqa: S310
                return True
        except OSError:
            return False

    def kept_back() -> set[str]:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
            alerts = json.load(answer)
        return {names[frozenset(one["labels"].items())] for one in alerts if one["status"]["inhibitedBy"]}

    wait_until(taken, 30, what="Alertmanager")
    with suppress(TimeoutError):  # an alert is there before it keeps others back
        wait_until(lambda: kept_back() == KEPT_BACK, 10)
    return kept_back()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
