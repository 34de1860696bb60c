"""All machines, each at least once, with fresh seeds until enough calls were made: `make fuzz-contracts`, CALLS=1000000.

Views are calls too; transactions are counted apart. What deploys a machine's world is no call of the run.
After each batch the counts of each machine, its next seed and the outcomes of its rules are written to
`.build/fuzz.json`; started again, or after Ctrl-C, the run goes on from there. It starts anew when a contract or a
machine changed, because what was tried then says nothing about what is there now.
"""

import argparse
import importlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from tests.evm.build import ROOT, Build
from tests.machines.base import Machine, limits, machines_in

STATE = ROOT / ".build" / "fuzz.json"
FOLDER = Path(__file__).parent
BATCH = 20
STEPS = 60
_NOTHING: dict[str, Any] = {
    "calls": 0,
    "transactions": 0,
    "seed": 0,
    "seconds": 0.0,
    "runs": {},
    "outcomes": [],
}


@dataclass
class Done:
    """What one batch did: rule and end → how often, and rule → how often it was chosen."""

    calls: int
    transactions: int
    seconds: float
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)


class Progress:
    """What was done so far, on disk after every batch."""

    def __init__(self, path: Path, fingerprint: str, names: Sequence[str]) -> None:
        self.path, self.fingerprint = path, fingerprint
        known = json.loads(path.read_text()) if path.exists() else {}
        self.is_new = known.get("fingerprint") != fingerprint
        machines = {} if self.is_new else known["machines"]
        self.machines: dict[str, dict[str, Any]] = {
            name: machines.get(name, dict(_NOTHING)) for name in names
        }

    @property
    def calls(self) -> int:
        return sum(int(machine["calls"]) for machine in self.machines.values())

    def has_all(self, names: Iterable[str]) -> bool:
        """Whether each of these has done a batch."""
        return all(self.machines[name]["seed"] for name in names)

    def next(self, names: Iterable[str]) -> str:
        """Which of these machines has made the fewest calls."""
        return min(names, key=lambda name: int(self.machines[name]["calls"]))

    def add(self, name: str, done: Done) -> None:
        machine = self.machines[name]
        machine["calls"] += done.calls
        machine["transactions"] += done.transactions
        machine["seconds"] = round(machine["seconds"] + done.seconds, 3)
        machine["seed"] += 1
        machine["runs"] = dict(sorted((Counter(machine["runs"]) + done.runs).items()))
        total = Counter({(rule, end): count for rule, end, count in machine["outcomes"]}) + done.outcomes
        machine["outcomes"] = [[rule, end, count] for (rule, end), count in sorted(total.items())]
        self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".part")
        draft.write_text(json.dumps({"fingerprint": self.fingerprint, "machines": self.machines}, indent=1))
        draft.replace(self.path)


def all_machines() -> dict[str, type[Machine]]:
    """Every machine of this folder by its name."""
    modules = [
        importlib.import_module(f"tests.machines.{path.stem}") for path in sorted(FOLDER.glob("test_*.py"))
    ]
    return {machine.__name__: machine for module in modules for machine in machines_in(module)}


def fingerprint() -> str:
    """Changes with any contract and any machine."""
    digest = sha256(json.dumps({n: a["code"] for n, a in Build().artifacts.items()}, sort_keys=True).encode())
    for path in sorted(FOLDER.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def batch(machine: type[Machine], number: int, examples: int = BATCH) -> Done:
    """One batch with this seed. What Hypothesis finds wrong is raised."""
    machine.outcomes.clear()
    machine.runs.clear()
    calls, transactions, start = machine.calls(), machine.transactions(), time.monotonic()

    def factory() -> Machine:
        return machine()

    run_state_machine_as_test(seed(number)(factory), settings=limits(examples, STEPS))
    return Done(
        machine.calls() - calls,
        machine.transactions() - transactions,
        time.monotonic() - start,
        Counter(machine.outcomes),
        Counter(machine.runs),
    )


def report(progress: Progress, machines: Mapping[str, type[Machine]]) -> None:
    """Calls, speed, and every rule: how often it was chosen and what came of what it tried."""
    for name, done in progress.machines.items():
        print(f"\n{name}: {_totals(done)}, {done['seed']} batches")
        ends: dict[str, Counter[str]] = {rule: Counter() for rule in machines[name].rule_names()}
        for rule, end, count in done["outcomes"]:
            ends.setdefault(rule, Counter())[end] = count
        for rule, found in sorted(ends.items()):
            print(_line(rule, done["runs"].get(rule, 0), found))
        if done["seed"]:
            idle = sorted(set(machines[name].rule_names()) - done["runs"].keys())
            barren = sorted(
                rule
                for rule, found in ends.items()
                if found and not found["accepted"] and rule not in machines[name].only_refused
            )
            print(
                f"  never chosen: {', '.join(idle) or 'none'}; never accepted: {', '.join(barren) or 'none'}"
            )
    everything = {
        key: sum(done[key] for done in progress.machines.values())
        for key in ("calls", "transactions", "seconds")
    }
    print(f"\n{_totals(everything)} in {everything['seconds']:,.0f} s")


def _totals(done: Mapping[str, Any]) -> str:
    speed = done["calls"] / done["seconds"] if done["seconds"] else 0
    return f"{done['calls']:,} calls ({done['transactions']:,} transactions), {speed:,.0f} calls/s"


def _line(rule: str, runs: int, ends: Counter[str]) -> str:
    refused = {end: count for end, count in ends.items() if end != "accepted"}
    listed = ", ".join(f"{end} {count:,}" for end, count in sorted(refused.items()))
    counts = f"{runs:>9,} chosen {ends['accepted']:>9,} accepted {sum(refused.values()):>9,} refused"
    return f"  {rule:28} {counts}  {listed}".rstrip()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.machines.fuzz", description=__doc__.split("\n")[0])
    parser.add_argument("--calls", type=int, default=1_000_000, help="stop at so many calls in total")
    parser.add_argument("--machine", action="append", help="only this one; may be given several times")
    parser.add_argument("--seed", type=int, help="one batch of one machine with this seed, nothing is kept")
    parser.add_argument("--fresh", action="store_true", help="forget what was done before")
    options = parser.parse_args(arguments)
    machines = all_machines()
    chosen = {name: machines[name] for name in options.machine or machines}
    if options.seed is not None:
        for name, machine in chosen.items():
            print(f"{name}, seed {options.seed}: {batch(machine, options.seed).calls:,} calls")
        return 0
    if options.fresh:
        STATE.unlink(missing_ok=True)
    progress = Progress(STATE, fingerprint(), list(machines))
    goal = options.calls
    print(f"{progress.calls:,} of {goal:,} calls are done." if progress.calls else f"{goal:,} calls to make.")
    return _run(progress, chosen, goal)


def _run(progress: Progress, machines: dict[str, type[Machine]], goal: int) -> int:
    code, shown = 0, time.monotonic()
    name = ""
    try:
        while progress.calls < goal or not progress.has_all(machines):
            name = progress.next(machines)
            progress.add(name, batch(machines[name], progress.machines[name]["seed"]))
            if time.monotonic() - shown > 5:
                shown = time.monotonic()
                print(f"{progress.calls:>12,} calls", flush=True)
    except KeyboardInterrupt:
        print("Stopped; `make fuzz-contracts` goes on from here.")
        code = 130
    except Exception:
        number = progress.machines[name]["seed"]
        print(f"{name} failed. Again: python -m tests.machines.fuzz --machine {name} --seed {number}")
        raise
    finally:
        report(progress, all_machines())
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
