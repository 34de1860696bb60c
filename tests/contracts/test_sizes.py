"""Every contract that a live chain gets fits on it."""

from benchmarks.sizes import CREATION_LIMIT, LIMIT, sizes


def test_sizes__every_deployed_contract__is_below_the_limits_of_the_chain() -> None:
    measured = sizes()
    assert {"Contest", "Raffle", "Token", "TokenFactory", "Vesting"} <= measured.keys()
    assert {name: code for name, (code, _) in measured.items() if not 0 < code < LIMIT} == {}
    assert {name: code for name, (_, code) in measured.items() if not 0 < code <= CREATION_LIMIT} == {}
