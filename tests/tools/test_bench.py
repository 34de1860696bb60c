"""`make bench`: every benchmark there is, or those that are named."""

import pytest

from tools.bench import BENCHMARKS, ROOT, benchmarks


def test_benchmarks__all_that_can_be_run__are_in_the_list() -> None:
    runnable = {path.stem for path in (ROOT / "benchmarks").glob("*.py") if "__main__" in path.read_text()}
    # What `listener` and `stream` start beside them.
    assert runnable - {"listener_chain", "stream_clients"} == set(BENCHMARKS)


def test_benchmarks__named__those_or_what_there_are() -> None:
    assert benchmarks(["filter", "gas"]) == ["gas", "filters"]
    with pytest.raises(ValueError, match=r"no benchmark is called nope; there are gas, sizes, .*connectors"):
        benchmarks(["nope"])
