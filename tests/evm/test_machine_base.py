"""The base of the machines: it believes a right model, refutes a wrong one, and counts."""

import json
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from tests.evm import Chain
from tests.machines.base import Machine, Namespace, machines_in
from tests.machines.fuzz import Done, Progress, batch, report


class CoinMachine(Machine):
    """A right model of an ERC-20 that anyone mints."""

    refusal: str | None = "ERC20InsufficientBalance"

    @classmethod
    def deploy(cls, chain: Chain) -> Namespace:
        return Namespace(coin=chain.accounts[0].deploy(chain.project.TestERC20), people=chain.accounts)

    def __init__(self) -> None:
        super().__init__()
        self.held = [0, 0]

    @rule(who=st.integers(0, 1), amount=st.integers(0, 5))
    def mint(self, who: int, amount: int) -> None:
        people = self.world.people
        assert self.attempt(None, lambda: self.world.coin.mint(people[who], amount, sender=people[0])).events
        self.held[who] += amount

    @rule(who=st.integers(0, 1), amount=st.integers(0, 5))
    def move(self, who: int, amount: int) -> None:
        people, coin = self.world.people, self.world.coin
        error = None if amount <= self.held[who] else self.refusal
        arguments = {} if error is None else {"needed": amount, "balance": self.held[who]}
        if self.attempt(
            error, lambda: coin.transfer(people[1 - who], amount, sender=people[who]), **arguments
        ):
            self.held[who] -= amount
            self.held[1 - who] += amount

    @invariant()
    def balances(self) -> None:
        assert [self.world.coin.balanceOf(self.world.people[who]) for who in (0, 1)] == self.held


class OtherErrorMachine(CoinMachine):
    """Expects another refusal."""

    refusal = "ERC20InvalidSender"


class NoErrorMachine(CoinMachine):
    """Expects that anyone can spend anything."""

    refusal = None


class WrongBooksMachine(CoinMachine):
    """Forgets that minting adds."""

    @rule(amount=st.integers(1, 5))
    def gift(self, amount: int) -> None:
        self.attempt(
            None, lambda: self.world.coin.mint(self.world.people[1], amount, sender=self.world.people[0])
        )


class OnlyRefusedMachine(CoinMachine):
    """Has a rule that never succeeds."""

    @rule()
    def steal(self) -> None:
        people, coin = self.world.people, self.world.coin
        self.attempt(
            "ERC20InsufficientAllowance",
            lambda: coin.transferFrom(people[0], people[1], 1, sender=people[1]),
        )


def run(machine: type[Machine]) -> None:
    test = machine.quick(examples=15, steps=15)("runTest")
    test.runTest()  # type: ignore[attr-defined]


def test_quick__right_model__passes_and_counts() -> None:
    run(CoinMachine)
    assert CoinMachine.outcomes["mint", "accepted"] > 5
    assert CoinMachine.outcomes["move", "accepted"] > 5
    assert CoinMachine.outcomes["move", "ERC20InsufficientBalance"] > 5
    assert CoinMachine.calls() > sum(CoinMachine.outcomes.values())


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        (OtherErrorMachine, "expected ERC20InvalidSender, got ERC20InsufficientBalance"),
        (NoErrorMachine, "expected no refusal, got ERC20InsufficientBalance"),
        (WrongBooksMachine, "assert"),
    ],
)
def test_quick__anything_wrong__fails(machine: type[Machine], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        run(machine)


def test_never_accepted__rule_without_success__is_named() -> None:
    batch(OnlyRefusedMachine, 1, examples=5)
    assert OnlyRefusedMachine.never_accepted() == {"steal"}


class LazyMachine(CoinMachine):
    """Has a rule that gives up before it tries anything, and one that cannot be chosen."""

    @rule()
    def dither(self) -> None:
        if self.held == [-1, -1]:
            self.attempt(None, lambda: self.world.coin.totalSupply())

    @precondition(lambda self: False)
    @rule()
    def hide(self) -> None:
        self.attempt(None, lambda: self.world.coin.totalSupply())


def test_never_tried__rules_that_test_nothing__are_named() -> None:
    batch(LazyMachine, 1, examples=5)
    assert LazyMachine.never_tried() == {"dither", "hide"}
    assert LazyMachine.runs["dither"] > 0 == LazyMachine.runs["hide"]
    assert LazyMachine.barren() == {"dither", "hide"}
    demanded = pytest.raises(AssertionError, match="no success for dither, hide")
    with demanded if LazyMachine.is_fast() else nullcontext():
        run(LazyMachine)
    assert CoinMachine.rule_names() == ["mint", "move"]


def test_batch__calls_and_transactions__are_those_that_were_made() -> None:
    done = batch(CoinMachine, 1, examples=5)
    tried, rules = sum(done.outcomes.values()), sum(done.runs.values())
    assert done.transactions == tried == rules
    # Two views before the first step, and two after each.
    assert done.calls == tried + 2 * (rules + 5)


def test_report__every_rule__is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(tmp_path / "fuzz.json", "one", ["Lazy"])
    progress.add("Lazy", batch(LazyMachine, 1, examples=5))
    report(progress, {"Lazy": LazyMachine})
    said = capsys.readouterr().out
    assert "never chosen: hide; never accepted: none" in said
    assert all(f"  {rule} " in said for rule in ("dither", "hide", "mint", "move"))


def test_batch__same_seed__tries_the_same() -> None:
    tried = []
    for number in (1, 1, 2):
        batch(CoinMachine, number, examples=5)
        tried.append(dict(CoinMachine.outcomes))
    assert tried[0] == tried[1] != tried[2]


def test_progress__stopped_and_started_again__goes_on(tmp_path: Path) -> None:
    path = tmp_path / "fuzz.json"
    progress = Progress(path, "one", ["A", "B"])
    progress.add("A", Done(100, 40, 0.5, Counter({("buy", "accepted"): 2}), Counter(buy=2)))
    more = Counter({("buy", "accepted"): 1, ("buy", "Closed"): 1})
    progress.add("A", Done(50, 9, 0.5, more, Counter(buy=2, wait=1)))
    again = Progress(path, "one", ["A", "B", "C"])
    assert (again.calls, again.next("ABC"), again.machines["A"]["seed"]) == (150, "B", 2)
    assert (again.machines["A"]["transactions"], again.machines["A"]["runs"]) == (49, {"buy": 4, "wait": 1})
    assert again.machines["A"]["outcomes"] == [["buy", "Closed", 1], ["buy", "accepted", 3]]
    assert again.has_all("A")
    assert not again.has_all("AB")
    assert Progress(path, "two", ["A", "B"]).calls == 0
    assert json.loads(path.read_text())["fingerprint"] == "one"


def test_machines_in__a_module__are_its_own() -> None:
    import tests.machines.base as base

    assert machines_in(base) == [Machine]
