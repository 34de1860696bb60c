"""A bundle by itself and against its chain: YES for an honest one, NO that names the field for a changed one."""

import copy
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from scripts._bundle import parse_bundle
from scripts._bundle_checks import ONLY_A_CHAIN, check_bundle
from scripts._contest_checks import check_contest
from scripts._evidence import CannotTellError, Check, ContestEvidence
from scripts._read_draw import read_contest
from tests.scripts.bundles import complete
from tests.scripts.world import World, ape_run

ACCOUNTS = [f"user{number}" for number in range(25)]
LIST = ("username\n" + "\n".join(ACCOUNTS) + "\n").encode()
SALT, POST = b"\x0c" * 32, "https://example.org/post/of-the-bundle"
EXCLUDED = [("kim", "too_few_mentions"), ("sam", "staff"), ("lee", "wrong_answer")]
WEIGHTS = [1_000_000, 3, 1_000_000, 1, 1, 7, 1, 1, 1]
WEIGHTED_SALT = b"\x01" * 32  # below those of later tests: the salts of a post only rise
ZERO = "0x" + "00" * 20
Path_ = tuple[str | int, ...]

NOT_BOUND = {"title", "weight_column"}
"""Nothing on chain tells them; docs/bundle.md says so."""
CHAIN_ONLY = {
    *(f"draw.{event}.{field}" for event in ("opened", "word", "final") for field in ("block", "transaction")),
    *(f"draw.{event}.log_index" for event in ("opened", "request", "word", "final")),
    *("draw.opened.time", "draw.opened.draws_for_post", "draw.word.time", "draw.final.time"),
    *(f"draw.request.{field}" for field in ("block", "time", "vrf_deadline")),
    "draw.drand.beacon",
    *(
        f"draw.disqualified.0.{field}"
        for field in ("block", "log_index", "transaction", "time", "rank", "reason")
    ),
}
"""What the file alone need not show to be wrong; a node does."""


@pytest.fixture(scope="module")
def contest(world: World) -> ContestEvidence:
    number = world.open_contest(LIST, ACCOUNTS, SALT, POST, EXCLUDED)
    world.await_word("Contest", number)
    world.finalise("Contest", number)
    terms = read_contest(world.reader, world.registry, number).terms
    world.send("Contest", "disqualify", number, terms.words(), 1, "a second account")
    return read_contest(world.reader, world.registry, number)


@pytest.fixture(scope="module")
def bundle(world: World, contest: ContestEvidence) -> dict[str, Any]:
    old = world.bundle(contest.draw.draw_id, LIST, ACCOUNTS, SALT, POST)
    return complete(world, old, contest, SALT, EXCLUDED)


@pytest.fixture(scope="module")
def weighted(world: World) -> dict[str, Any]:
    """Nine ranks among two heavy entries and seven light ones; the repeats are proved."""
    accounts = ACCOUNTS[: len(WEIGHTS)]
    number = world.open_weighted(LIST, accounts, WEIGHTS, WEIGHTED_SALT)
    world.await_word("Contest", number)
    world.finalise("Contest", number)
    terms = read_contest(world.reader, world.registry, number).terms
    world.prove_repeats(number, terms, accounts, WEIGHTS, WEIGHTED_SALT)
    found = read_contest(world.reader, world.registry, number)
    old = world.weighted_bundle(number, LIST, accounts, WEIGHTS, WEIGHTED_SALT)
    return complete(world, old, found, WEIGHTED_SALT)


def alone(bundle: dict[str, Any]) -> list[Check]:
    return list(check_bundle(parse_bundle(json.dumps(bundle).encode()), None, None))


def failed(checks: Sequence[Check]) -> list[Check]:
    return [check for check in checks if check.holds is False]


def scalars(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Paths of everything in the document that can be flipped; of long lists the first, the last and one between."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from scalars(item, (*path, key))
    elif isinstance(value, list):
        for index in sorted({0, len(value) // 2, len(value) - 1} if value else ()):
            yield from scalars(value[index], (*path, index))
    elif value is not None:
        yield path


def flipped(value: Any) -> Any:
    """The smallest change: a number one higher, the last digit of hex, one more sign of a text."""
    if isinstance(value, int):
        return value + 1
    if value.startswith("0x"):
        return value[:-1] + ("1" if value[-1] == "0" else "0")
    return str(int(value) + 1) if value.isdigit() else value + "x"


def changed(bundle: dict[str, Any], path: Path_, value: Any = ...) -> dict[str, Any]:
    """A copy with one value flipped, or replaced by `value`."""
    copied = copy.deepcopy(bundle)
    place: Any = copied
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = flipped(place[path[-1]]) if value is ... else value
    return copied


def name_of(path: Path_) -> str:
    return ".".join(map(str, path))


def names_it(path: Path_, checks: Sequence[Check]) -> bool:
    """Whether a failed check says the field's name, or that of the list it stands in."""
    details = " ".join(check.detail for check in checks).replace(",", " ").replace(")", " ").split()
    return name_of(path) in details or str(path[0]) in details or name_of(path[:2]) in details


def test_bundle__honest__file_alone_proves_all_but_what_only_a_chain_can(bundle: dict[str, Any]) -> None:
    checks = alone(bundle)

    assert failed(checks) == []
    left = {check.name for check in checks if check.holds is None}
    # A local chain's coordinator and beacon are nobody's but its own.
    assert left - {"VRF request", "drand key"} == {
        *(ONLY_A_CHAIN.keys() - {"claims"}),
        *("the chain", "list file"),
    }
    told = {check.name: check for check in checks}
    assert told["exclusions"].detail == "3 left out: 1 reason not public, 1 too_few_mentions, 1 wrong_answer"
    for name in ("VRF proof", "drand signature", "seed", "leaves", "opened winners", "commitment"):
        assert told[name].holds, name


def test_bundle__honest__chain_agrees_with_every_fact(
    contest: ContestEvidence, bundle: dict[str, Any]
) -> None:
    checks = list(check_contest(contest, parse_bundle(json.dumps(bundle).encode()), LIST, None))
    assert failed(checks) == []
    assert {check.name for check in checks if check.holds} >= {"bundle's facts", "exclusions", "contest key"}
    assert [check for check in checks if check.holds is None] == []


def test_bundle__weighted__file_alone_proves_repeats_and_weights(weighted: dict[str, Any]) -> None:
    checks = alone(weighted)
    assert failed(checks) == []
    assert {check.name for check in checks if check.holds} >= {"repeated entries", "leaves", "opened winners"}
    assert "weights" in " ".join(check.detail for check in failed(alone(changed(weighted, ("weights", 1)))))
    assert failed(alone(changed(weighted, ("openings", 4, "sums", 0))))


def test_bundle__any_field_flipped__no_with_a_reason_that_names_it(
    contest: ContestEvidence, bundle: dict[str, Any]
) -> None:
    paths = list(scalars(bundle))
    assert len(paths) > 90
    unnoticed, unnamed, by_chain = [], [], []
    for path in paths:
        other = changed(bundle, path)
        try:
            found = failed(alone(other))
        except CannotTellError:
            continue  # no bundle at all any more: an address or a version, say
        if found:
            if not names_it(path, found):
                unnamed.append((name_of(path), [check.name for check in found]))
            continue
        unnoticed.append(name_of(path))
        parsed = parse_bundle(json.dumps(other).encode())
        if not failed(list(check_contest(contest, parsed, None, None))):
            by_chain.append(name_of(path))

    assert set(unnoticed) <= CHAIN_ONLY | NOT_BOUND, set(unnoticed) - CHAIN_ONLY - NOT_BOUND
    assert unnamed == []
    assert set(by_chain) <= NOT_BOUND, by_chain


@pytest.mark.parametrize("odd", ["", "-1", "0x", "9" * 90, -1, 0, 2**63, None, [], {}, [0], {"a": 0}])
def test_bundle__any_field_odd__checks_or_cannot_tell(
    weighted: dict[str, Any], bundle: dict[str, Any], odd: Any
) -> None:
    """Whatever stands in a field, the answer is a list of findings or the reason why there is none."""
    escrowed = {
        **bundle,
        "escrow": {
            "prizes": [{"kind": 0, "token": ZERO, "amount": "1", "token_id": "0"}],
            "claims_from": 1,
        },
    }
    refused = 0
    for honest in (weighted, {**weighted, "draw": None, "openings": []}, escrowed):
        for path in sorted(
            {one[:depth] for one in scalars(honest) for depth in range(1, len(one) + 1)}, key=str
        ):
            try:
                assert alone(changed(honest, path, odd)), name_of(path)
            except CannotTellError:
                refused += 1
    assert refused > 50


def test_bundle__left_out_or_added__no(bundle: dict[str, Any]) -> None:
    for name in ("leaves", "exclusions", "openings"):
        shorter = {**bundle, name: bundle[name][1:]}
        assert failed(alone(shorter)), name
    assert failed(alone({**bundle, "exclusions": [*bundle["exclusions"], bundle["exclusions"][0]]}))
    without_word = copy.deepcopy(bundle)
    without_word["draw"]["word"] = None
    assert "VRF word" in [check.name for check in failed(alone(without_word))]


def test_bundle__without_proofs_or_draw__told_as_not_checked(bundle: dict[str, Any]) -> None:
    bare = copy.deepcopy(bundle)
    bare["draw"]["vrf"] = bare["draw"]["drand"] = None
    checks = alone(bare)
    assert failed(checks) == []
    left = {check.name for check in checks if check.holds is None}
    assert {"VRF request", "drand round", "drand signature"} <= left

    undrawn = {**bundle, "draw": None, "openings": []}
    checks = alone(undrawn)
    assert failed(checks) == []
    assert {check.name for check in checks if check.holds} == {"contest key", "exclusions"}


def test_bundle__other_version__cannot_tell(bundle: dict[str, Any]) -> None:
    with pytest.raises(CannotTellError, match="version 3; this program reads"):
        parse_bundle(json.dumps({**bundle, "version": 3}).encode())
    with pytest.raises(CannotTellError, match="'SOMETHING-1'"):
        parse_bundle(json.dumps({**bundle, "format": "SOMETHING-1"}).encode())


def test_command__bundle_alone_then_with_its_chain__yes_then_no_for_a_changed_one(
    world: World, bundle: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(bundle))
    code, output = ape_run("verify_draw", "--bundle", str(file), env=world.env)
    assert code == 0, output
    assert "no chain asked" in output
    assert "only a node can tell" in output

    code, output = ape_run("verify_draw", "--network", world.network, "--bundle", str(file), env=world.env)
    assert code == 0, output
    assert "every event that the bundle tells is the chain's" in output

    code, output = ape_run("verify_draw", "--bundle", str(file), "raffle", "1", env=world.env)
    assert (code, "not of raffle 1" in output) == (2, True), output

    file.write_text(json.dumps(changed(bundle, ("rules",))))
    code, output = ape_run("verify_draw", "--bundle", str(file), env=world.env)
    assert code == 1, output
    assert "rules_hash" in output
