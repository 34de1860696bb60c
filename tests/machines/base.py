"""What all machines share: one deployed world each, restored for every example, and books about rules and calls.

class TokenMachine(Machine):
    @classmethod
    def deploy(cls, chain):
        return Namespace(token=chain.accounts[0].deploy(chain.project.Token, …))

    @rule(amount=amounts)
    def burn(self, amount):
        error = None if amount <= self.held else "ERC20InsufficientBalance"
        if self.attempt(error, lambda: self.world.token.burn(amount, sender=self.owner)):
            self.held -= amount

    @invariant()
    def supply(self):
        assert self.world.token.totalSupply() == self.held

TestToken = TokenMachine.quick(examples=40)
"""

import atexit
import inspect
import sys
import unittest
from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cache, wraps
from types import SimpleNamespace as Namespace
from typing import Any, ClassVar

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.evm import Build, Chain, Reverted, open_chain

__all__ = ["Machine", "Namespace"]

# What a slow engine gets of the examples.
_ANVIL_SHARE = 12
_MORE_ROUNDS = 4


class Machine(RuleBasedStateMachine):
    """Rules call `attempt`; `self.chain` and `self.world` stand at the beginning in every example."""

    # (rule, "accepted" or the error's name) → how often, in this process.
    outcomes: ClassVar[Counter[tuple[str, str]]]
    # Rule → how often it was chosen, in this process.
    runs: ClassVar[Counter[str]]
    # Rules that only try what must be refused.
    only_refused: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls.outcomes, cls.runs = Counter(), Counter()
        rules = cls.setup_state().rules
        rules[:] = [replace(rule, function=_counted(rule.function, cls.runs)) for rule in rules]

    def __init__(self) -> None:
        super().__init__()
        self.chain, self.world, snapshot = _deployed(type(self))
        self.chain.restore(snapshot)

    @classmethod
    def deploy(cls, chain: Chain) -> Namespace:
        """Contracts and people, deployed once."""
        raise NotImplementedError

    def attempt(self, error: str | set[str] | None, call: Callable[[], Any], **arguments: Any) -> Any:
        """The call has to go well (its result is returned, at least True) or to be refused with exactly this error.

        A set is of all that is wrong with the call: one of them has to be said, and nothing wrong means no refusal. None
        is returned when it was refused; `arguments` are those of the error that have to be these.
        """
        wrong = error if isinstance(error, set) else {error} - {None}
        rule = sys._getframe(1).f_code.co_name
        try:
            result = call()
        except Reverted as refusal:
            self._expected(rule, refusal, wrong, arguments)
            return None
        assert not wrong, f"{rule}: was accepted, expected {' or '.join(map(str, wrong))}"
        self.outcomes[rule, "accepted"] += 1
        return result or True

    def _expected(
        self, rule: str, refusal: Reverted, wrong: AbstractSet[Any], arguments: dict[str, Any]
    ) -> None:
        assert wrong, f"{rule}: expected no refusal, got {refusal}"
        named = " or ".join(error or "no data" for error in wrong)
        assert refusal.name in wrong, f"{rule}: expected {named}, got {refusal}"
        same = {name: refusal.arguments.get(name) for name in arguments}
        assert same == arguments, f"{rule}: {refusal}, expected {arguments}"
        self.outcomes[rule, refusal.name or "no data"] += 1

    @classmethod
    def calls(cls) -> int:
        """Calls of contracts so far in this process, the deployment's included."""
        return _deployed(cls)[0].calls

    @classmethod
    def transactions(cls) -> int:
        """Those of the calls that were no views."""
        return _deployed(cls)[0].transactions

    @classmethod
    def quick(cls, examples: int, steps: int = 40) -> type[unittest.TestCase]:
        """The machine as a test: always the same examples, and every rule must have had success in one of them.

        A rule that had none gets a few more rounds: which examples come depends on every detail of the machine.
        """

        class Quick(cls.TestCase):  # type: ignore[name-defined,misc]
            settings = limits(examples, steps, derandomize=True)

            def runTest(self) -> None:
                cls.outcomes.clear()
                cls.runs.clear()
                fast = cls.is_fast()
                if not fast:
                    Quick.settings = limits(max(8, examples // _ANVIL_SHARE), steps, derandomize=True)
                super().runTest()
                for number in range(_MORE_ROUNDS):
                    if fast and cls.barren():
                        run_state_machine_as_test(
                            seed(number)(lambda: cls()), settings=limits(examples, steps)
                        )
                barren = cls.barren()
                assert not (fast and barren), f"{cls.__name__}: no success for {', '.join(sorted(barren))}"

        Quick.__name__ = Quick.__qualname__ = cls.__name__
        Quick.__module__ = cls.__module__
        return Quick

    @classmethod
    def is_fast(cls) -> bool:
        """Whether the engine gets examples enough that every rule must have had success."""
        return bool(_deployed(cls)[0].engine.name == "revm")

    @classmethod
    def never_accepted(cls) -> set[str]:
        """Rules that tried and never had success: they test nothing but refusals."""
        tried = {rule for rule, _ in cls.outcomes}
        return {rule for rule in tried if not cls.outcomes[rule, "accepted"]} - cls.only_refused

    @classmethod
    def barren(cls) -> set[str]:
        """Rules that show nothing, or nothing but refusals."""
        return cls.never_accepted() | cls.never_tried()

    @classmethod
    def rule_names(cls) -> list[str]:
        return [rule.function.__name__ for rule in cls.setup_state().rules]

    @classmethod
    def never_tried(cls) -> set[str]:
        """Rules that were never chosen, or gave up every time before they tried anything."""
        tried = {rule for rule, _ in cls.outcomes}
        rules = [rule.function for rule in cls.setup_state().rules]
        return {
            rule.__name__
            for rule in rules
            if not cls.runs[rule.__name__] or (_attempts(rule) and rule.__name__ not in tried)
        }


def _counted(rule: Callable[..., Any], runs: Counter[str]) -> Callable[..., Any]:
    @wraps(rule)
    def counted(*arguments: Any, **named: Any) -> Any:
        runs[rule.__name__] += 1
        return rule(*arguments, **named)

    return counted


@cache
def _attempts(rule: Callable[..., Any]) -> bool:
    """Whether the rule calls `attempt` itself, so that there have to be outcomes with its name."""
    return "self.attempt(" in inspect.getsource(rule)


def limits(examples: int, steps: int, *, derandomize: bool = False) -> settings:
    """Hypothesis without a clock and without a memory."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=derandomize,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def machines_in(module: Any) -> list[type[Machine]]:
    """The machines that a module defines itself."""
    found = [
        thing
        for _, thing in inspect.getmembers(module, inspect.isclass)
        if issubclass(thing, Machine) and thing.__module__ == module.__name__
    ]
    return sorted(found, key=lambda machine: machine.__name__)


@cache
def _build() -> Build:
    return Build()


@cache
def _deployed(machine: type[Machine]) -> tuple[Chain, Namespace, int]:
    """The machine's own chain, once in a process."""
    chain = open_chain(_build())
    atexit.register(chain.close)
    world = machine.deploy(chain)
    return chain, world, chain.snapshot()
