"""Draws of a local chain: YES for honest ones, NO for anything that was changed, else cannot tell."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from listener.chain.draw.call_data import find_proof
from scripts._bundle import parse_bundle, read_bundle
from scripts._chain import ChainReader
from scripts._contest_checks import check_contest
from scripts._evidence import (
    Bundle,
    CannotTellError,
    Check,
    ContestEvidence,
    DrawEvidence,
    Log,
    RaffleEvidence,
)
from scripts._raffle_checks import check_raffle
from scripts._read_draw import read_contest, read_raffle
from tests.scripts.world import World, ape_run

ACCOUNTS = [f"user{number}" for number in range(25)]
LIST = ("username\n" + "\n".join(ACCOUNTS) + "\n@User3\n\n").encode()
SALT = b"\x07" * 32


@pytest.fixture(scope="module")
def raffle_id(world: World) -> int:
    return world.drawn_raffle()


@pytest.fixture(scope="module")
def raffle(world: World, raffle_id: int) -> RaffleEvidence:
    return read_raffle(world.reader, world.registry, raffle_id)


@pytest.fixture(scope="module")
def contest_id(world: World) -> int:
    contest = world.open_contest(LIST, ACCOUNTS, SALT)
    world.await_word("Contest", contest)
    world.finalise("Contest", contest)
    terms = read_contest(world.reader, world.registry, contest).terms
    world.send("Contest", "disqualify", contest, terms.words(), 1, "a second account")
    return contest


@pytest.fixture(scope="module")
def contest(world: World, contest_id: int) -> ContestEvidence:
    return read_contest(world.reader, world.registry, contest_id)


@pytest.fixture(scope="module")
def bundle(world: World, contest_id: int) -> Bundle:
    return parse_bundle(json.dumps(world.bundle(contest_id, LIST, ACCOUNTS, SALT)).encode())


WEIGHTS = [1_000_000, 3, 1_000_000, 1, 1, 7, 1, 1, 1]
WEIGHTED_LIST = (
    "username,tickets\n"
    + "".join(f"{ACCOUNTS[at]},{weight}\n" for at, weight in enumerate(WEIGHTS))
    + "zoe,0\n"
).encode()
OTHER_WEIGHTS = WEIGHTED_LIST.replace(b"user1,3", b"user1,4").replace(b"user5,7", b"user5,6")


@pytest.fixture(scope="module")
def unproved(world: World) -> ContestEvidence:
    """Nine ranks among two heavy entries and seven light ones: most repeat."""
    contest = world.open_weighted(WEIGHTED_LIST, ACCOUNTS[: len(WEIGHTS)], WEIGHTS, b"\x0a" * 32)
    world.await_word("Contest", contest)
    world.finalise("Contest", contest)
    return read_contest(world.reader, world.registry, contest)


@pytest.fixture(scope="module")
def weighted(world: World, unproved: ContestEvidence) -> ContestEvidence:
    """The same, once every repeat was proved."""
    contest = unproved.draw.draw_id
    world.prove_repeats(contest, unproved.terms, ACCOUNTS[: len(WEIGHTS)], WEIGHTS, b"\x0a" * 32)
    return read_contest(world.reader, world.registry, contest)


@pytest.fixture(scope="module")
def weighted_bundle(world: World, unproved: ContestEvidence) -> Bundle:
    accounts, contest = ACCOUNTS[: len(WEIGHTS)], unproved.draw.draw_id
    told = world.weighted_bundle(contest, WEIGHTED_LIST, accounts, WEIGHTS, b"\x0a" * 32)
    return parse_bundle(json.dumps(told).encode())


def _failed(checks: Sequence[Check]) -> list[str]:
    return [check.name for check in checks if check.holds is False]


def _changed(logs: Sequence[Log], at: int, **args: Any) -> list[Log]:
    """The logs with arguments of one of them replaced."""
    return [replace(log, args={**log.args, **args}) if i == at else log for i, log in enumerate(logs)]


def test_check__raffle_with_an_allow_list__commits_to_its_options(world: World) -> None:
    raffle_id = world.listed_raffle()
    listed = read_raffle(world.reader, world.registry, raffle_id)
    assert listed.options is not None
    assert _failed(list(check_raffle(listed))) == []
    changed = replace(listed.options, args={**listed.options.args, "allowListRoot": b"\x01" * 32})
    assert _failed(list(check_raffle(replace(listed, options=changed)))) == ["terms"]
    assert _failed(list(check_raffle(replace(listed, options=None)))) == ["terms"]


# The command


def test_command__honest_raffle__yes(world: World, raffle_id: int) -> None:
    code, output = ape_run("verify_draw", "--network", world.network, "raffle", str(raffle_id), env=world.env)

    assert code == 0, output
    assert "1 of 2 prizes claimed" in output
    assert output.strip().endswith("YES: 17 checks hold")


def test_command__list_with_a_changed_byte__no(world: World, contest_id: int, tmp_path: Path) -> None:
    changed = tmp_path / "list.csv"
    changed.write_bytes(LIST.replace(b"user7", b"user8", 1))
    arguments = ["--network", world.network, "contest", str(contest_id), "--list", str(changed)]

    code, output = ape_run("verify_draw", *arguments, env=world.env)

    assert code == 1, output
    assert output.strip().endswith("NO: list file")


def test_command__node_away__cannot_tell(world: World) -> None:
    away = "ethereum:local:http://127.0.0.1:1"

    code, output = ape_run("verify_draw", "--network", away, "raffle", "1", env=world.env)

    assert code == 2, output
    assert "Cannot tell" in output


# The checks of a raffle


def test_check_raffle__without_a_vrf_word__holds(world: World) -> None:
    raffle_id = world.drawn_raffle(vrf=False)

    checks = list(check_raffle(read_raffle(world.reader, world.registry, raffle_id)))

    assert _failed(checks) == []
    assert next(check.detail for check in checks if check.name == "VRF word").startswith("no word came")


def _with_draw(change: Callable[[DrawEvidence], DrawEvidence]) -> Callable[[RaffleEvidence], RaffleEvidence]:
    return lambda raffle: replace(raffle, draw=change(raffle.draw))


def _with_vrf(**changes: Any) -> Callable[[RaffleEvidence], RaffleEvidence]:
    """The VRF evidence with these fields replaced; those of the request by a leading `request_`."""

    def change(draw: DrawEvidence) -> DrawEvidence:
        own = {name: value for name, value in changes.items() if not name.startswith("request_")}
        asked = {name[8:]: value for name, value in changes.items() if name.startswith("request_")}
        return replace(draw, vrf=replace(draw.vrf, request=replace(draw.vrf.request, **asked), **own))

    return _with_draw(change)


def _proof_changed(at: int) -> Callable[[RaffleEvidence], RaffleEvidence]:
    """One word of the proof changed."""

    def change(draw: DrawEvidence) -> DrawEvidence:
        proof = bytearray(draw.vrf.proof)
        proof[32 * at + 31] ^= 1
        return replace(draw, vrf=replace(draw.vrf, proof=bytes(proof)))

    return _with_draw(change)


RAFFLE_CHANGES: dict[str, tuple[Callable[[RaffleEvidence], RaffleEvidence], str]] = {
    "price": (lambda r: replace(r, created=_changed([r.created], 0, ticketPrice=1)[0]), "terms"),
    "gap": (lambda r: replace(r, purchases=_changed(r.purchases, 1, firstTicket=4)), "entries"),
    "missing entry": (lambda r: replace(r, purchases=r.purchases[:-1]), "entries"),
    "unpaid": (lambda r: replace(r, purchases=_changed(r.purchases, 2, paid=0)), "sale"),
    "bought after close": (
        lambda r: replace(r, purchases=[*r.purchases[:2], replace(r.purchases[2], time=2**40)]),
        "sale",
    ),
    "other n": (_with_draw(lambda d: replace(d, stored={**d.stored, "n": 11})), "n and k"),
    "second request": (
        _with_draw(lambda d: replace(d, requests=[*d.requests] * 2)),
        "asked and decided once",
    ),
    "later commitment": (
        _with_draw(lambda d: replace(d, requests=_changed(d.requests, 0, commitment=bytes(32)))),
        "fixed before the randomness",
    ),
    "request after the seed": (
        _with_draw(lambda d: replace(d, requests=[replace(d.request, block=d.final.block + 1)])),
        "fixed before the randomness",
    ),
    "seed before reveal": (
        _with_draw(lambda d: replace(d, finals=[replace(d.final, time=d.request.args["revealAt"])])),
        "request before reveal",
    ),
    "shorter delay": (_with_draw(lambda d: replace(d, reveal_delay=5)), "request before reveal"),
    "late word": (
        _with_draw(lambda d: replace(d, words=[replace(d.words[0], time=d.request.args["vrfDeadline"])])),
        "VRF word",
    ),
    "no word accepted": (_with_draw(lambda d: replace(d, words=[])), "VRF word"),
    "word of another proof": (
        _with_draw(lambda d: replace(d, words=_changed(d.words, 0, word=5))),
        "VRF proof",
    ),
    **{f"proof's word {at}": (_proof_changed(at), "VRF proof") for at in range(13)},
    "proof cut short": (_with_vrf(proof=bytes(32)), "VRF proof"),
    "another block": (_with_vrf(request_block_hash=bytes(32)), "VRF proof"),
    "another coordinator known": (_with_vrf(known_coordinator="0x" + "11" * 20), "VRF request"),
    "another key asked": (_with_vrf(request_key_hash=bytes(32)), "VRF request"),
    "another asked": (_with_vrf(request_sender="0x" + "11" * 20), "VRF request"),
    "other beacon": (
        _with_draw(lambda d: replace(d, beacon=replace(d.beacon, expected=bytes(192)))),
        "drand key",
    ),
    "other round": (_with_draw(lambda d: replace(d, finals=_changed(d.finals, 0, round=7))), "drand round"),
    "other signature": (_with_draw(lambda d: replace(d, signature=bytes(96))), "drand signature"),
    "other randomness": (
        _with_draw(lambda d: replace(d, finals=_changed(d.finals, 0, drandRandomness=bytes(32)))),
        "drand signature",
    ),
    "other seed": (_with_draw(lambda d: replace(d, finals=_changed(d.finals, 0, seed=bytes(32)))), "seed"),
    "other contract": (_with_draw(lambda d: replace(d, contract="0x" + "11" * 20)), "seed"),
    "other numbers": (_with_draw(lambda d: replace(d, numbers=[*reversed(d.numbers)])), "winning numbers"),
    "other winner": (lambda r: replace(r, winners=[*reversed(r.winners)]), "winners"),
    "paid to another": (
        lambda r: replace(r, claims=_changed(r.claims, 0, winner="0x" + "11" * 20)),
        "payouts",
    ),
    "paid less": (lambda r: replace(r, claims=_changed(r.claims, 0, amount=1)), "payouts"),
    "paid twice": (lambda r: replace(r, claims=[*r.claims] * 2), "payouts"),
    "won prize returned": (lambda r: replace(r, returns=r.claims), "payouts"),
}


@pytest.mark.parametrize("change", RAFFLE_CHANGES)
def test_check_raffle__anything_changed__no(raffle: RaffleEvidence, change: str) -> None:
    changed, name = RAFFLE_CHANGES[change]

    assert name in _failed(list(check_raffle(changed(raffle))))


def _told(raffle: RaffleEvidence, name: str) -> Check:
    return next(check for check in check_raffle(raffle) if check.name == name)


def test_check_vrf__key_that_is_not_known__told_as_not_checked(raffle: RaffleEvidence) -> None:
    other_lane = _with_vrf(known_key_hash=bytes(32))(raffle)
    assert _told(other_lane, "VRF request").holds is True  # the coordinator takes it
    retired = _with_vrf(known_key_hash=bytes(32), key_is_registered=False)(raffle)
    assert _told(retired, "VRF request").holds is None
    nowhere = _with_vrf(known_coordinator=None)(raffle)
    assert _told(nowhere, "VRF request").holds is None


def test_check_vrf__call_passed_on_without_the_proof__told_as_not_checked(raffle: RaffleEvidence) -> None:
    relay = "0x" + "22" * 20
    found = _told(_with_vrf(proof=None, is_direct=False, sent_to=relay)(raffle), "VRF proof")
    assert found.holds is None
    assert f"sent to {relay} and not straight to the coordinator" in found.detail


def test_check_vrf__node_without_the_log__told_as_not_checked(raffle: RaffleEvidence) -> None:
    without = replace(raffle, draw=replace(raffle.draw, vrf=replace(raffle.draw.vrf, request=None)))
    assert _told(without, "VRF request").holds is None
    assert _failed(list(check_raffle(without))) == []


@pytest.mark.parametrize("refuses", [False, True])
def test_read_raffle__node_without_old_transactions__leaves_open_what_needs_them(
    world: World, raffle_id: int, refuses: bool
) -> None:
    def request(method: str, params: list[Any]) -> Any:
        if method in ("eth_getTransactionByHash", "eth_getTransactionReceipt"):
            if refuses:
                raise CannotTellError("transaction indexing is in progress")
            return None
        return world.anvil.call(method, *params)

    checks = list(check_raffle(read_raffle(ChainReader(request), world.registry, raffle_id)))

    assert _failed(checks) == []
    assert [check.name for check in checks if check.holds is None] == ["VRF request", "drand signature"]


def test_find_proof__in_a_batch_or_passed_on__found(raffle: RaffleEvidence) -> None:
    vrf = raffle.draw.vrf
    assert vrf.is_direct
    seed = vrf.request.pre_seed.to_bytes(32)
    for wrapped in (vrf.proof, b"abcd" + vrf.proof + b"x", seed * 9 + vrf.proof + seed):
        assert find_proof(wrapped, vrf.request) == vrf.proof
    for lost in (b"", seed * 20, vrf.proof[1:], vrf.proof[:-1], bytes(64) + vrf.proof[64:]):
        assert find_proof(lost, vrf.request) is None


def test_check_raffle__as_it_happened__yes(raffle: RaffleEvidence) -> None:
    checks = list(check_raffle(raffle))

    assert _failed(checks) == []
    assert all(check.holds for check in checks)


# The checks of a contest


def test_check_contest__bundle_and_list__yes(contest: ContestEvidence, bundle: Bundle) -> None:
    checks = list(check_contest(contest, bundle, LIST, None))

    assert all(check.holds for check in checks), checks
    told = {check.name: check.detail for check in checks}
    assert told["draw number"] == "draw 1 of 1 of this organiser for this post"
    assert "1 disqualified" in told["standing winners"]
    assert told["list entries"].startswith("27 rows: 26 accepted, 1 rejected, 1 duplicates, 25 entries")


def test_check_contest__neither_bundle_nor_list__told_as_not_checked(contest: ContestEvidence) -> None:
    checks = list(check_contest(contest, None, None, None))

    assert _failed(checks) == []
    assert [check.name for check in checks if check.holds is None] == ["bundle", "list file"]


BUNDLE_CHANGES: dict[str, tuple[Callable[[Bundle], Bundle], str]] = {
    "other contest": (lambda b: replace(b, contest_id=(b.contest_id or 0) + 1), "bundle"),
    "other chain": (lambda b: replace(b, chain_id=1), "bundle"),
    "more winners": (lambda b: replace(b, winners=3), "bundle"),
    "other rules": (lambda b: replace(b, rules="none"), "bundle's texts"),
    "other list hash": (lambda b: replace(b, list_sha256=bytes(32)), "bundle's texts"),
    "leaf left out": (lambda b: replace(b, leaves=b.leaves[:-1]), "leaves"),
    "leaf changed": (lambda b: replace(b, leaves=[bytes(32), *b.leaves[1:]]), "leaves"),
    "leaves swapped": (lambda b: replace(b, leaves=[b.leaves[1], b.leaves[0], *b.leaves[2:]]), "leaves"),
    "another name": (
        lambda b: replace(b, openings=[replace(b.openings[0], account_key="eve"), *b.openings[1:]]),
        "opened winners",
    ),
    "another rank": (
        lambda b: replace(b, openings=[replace(b.openings[0], rank=1), *b.openings[1:]]),
        "opened winners",
    ),
    "longer proof": (
        lambda b: replace(
            b, openings=[replace(b.openings[0], proof=[*b.openings[0].proof, bytes(32)]), *b.openings[1:]]
        ),
        "opened winners",
    ),
    "winner not opened": (lambda b: replace(b, openings=b.openings[1:]), "opened winners"),
}


@pytest.mark.parametrize("change", BUNDLE_CHANGES)
def test_check_contest__bundle_changed__no(contest: ContestEvidence, bundle: Bundle, change: str) -> None:
    changed, name = BUNDLE_CHANGES[change]

    assert name in _failed(list(check_contest(contest, changed(bundle), None, None)))


# The checks of a weighted list


def test_check_contest__weighted_list__holds_to_the_last_rank(
    weighted: ContestEvidence, weighted_bundle: Bundle
) -> None:
    checks = list(check_contest(weighted, weighted_bundle, WEIGHTED_LIST, None))

    assert all(check.holds for check in checks), checks
    told = {check.name: check.detail for check in checks}
    assert f"of total weight {sum(WEIGHTS)}" in told["commitment"]
    assert f"total weight {sum(WEIGHTS)} give root" in told["leaves"]
    assert (
        told["repeated entries"]
        == f"{len(weighted.repeated)} rank(s) repeat an entry; the chain knows all of them"
    )
    assert len(weighted_bundle.openings) == len(WEIGHTS)
    assert told["list weights"].startswith(f"they add up to {sum(WEIGHTS)}")


def test_check_contest__weighted_repeats_nobody_proved__told_as_not_checked(
    weighted: ContestEvidence, weighted_bundle: Bundle, unproved: ContestEvidence
) -> None:
    checks = list(check_contest(unproved, weighted_bundle, None, None))

    assert _failed(checks) == []
    (told,) = [check for check in checks if check.name == "repeated entries"]
    assert told.holds is None
    assert told.detail.startswith(f"{len(weighted.repeated)} rank(s) repeat an entry and nobody proved it")


def _last(bundle: Bundle, **changes: Any) -> Bundle:
    return replace(bundle, openings=[*bundle.openings[:-1], replace(bundle.openings[-1], **changes)])


WEIGHTED_CHANGES: dict[str, tuple[Callable[[Bundle], Bundle], str]] = {
    "heavier": (lambda b: replace(b, weights=[b.weights[0] + 1, *b.weights[1:]]), "leaves"),
    "weights moved": (
        lambda b: replace(b, weights=[b.weights[0] - 1, b.weights[1] + 1, *b.weights[2:]]),
        "leaves",
    ),
    "no weights": (lambda b: replace(b, weights=()), "leaves"),
    "weight of zero": (lambda b: replace(b, weights=[0, *b.weights[1:]]), "leaves"),
    "another last name": (lambda b: _last(b, account_key="eve"), "opened winners"),
    "another last sum": (
        lambda b: _last(b, sums=[b.openings[-1].sums[0] + 1, *b.openings[-1].sums[1:]]),
        "opened winners",
    ),
    "sums left out": (lambda b: _last(b, sums=()), "opened winners"),
}


@pytest.mark.parametrize("change", WEIGHTED_CHANGES)
def test_check_contest__weighted_bundle_changed__no(
    weighted: ContestEvidence, weighted_bundle: Bundle, change: str
) -> None:
    changed, name = WEIGHTED_CHANGES[change]

    assert name in _failed(list(check_contest(weighted, changed(weighted_bundle), None, None)))


def test_check_contest__repeat_that_is_none__no(weighted: ContestEvidence, weighted_bundle: Bundle) -> None:
    first = weighted.standing[0][0]
    forged = replace(weighted, repeated=[*weighted.repeated, *_changed(weighted.repeated[:1], 0, rank=first)])

    assert "repeated entries" in _failed(list(check_contest(forged, weighted_bundle, None, None)))


def test_check_contest__list_with_other_weights__no(
    weighted: ContestEvidence, weighted_bundle: Bundle
) -> None:
    digest = hashlib.sha256(OTHER_WEIGHTS).digest()
    swapped = replace(weighted, opened=_changed([weighted.opened], 0, listSha256=digest)[0])
    failed = _failed(list(check_contest(swapped, weighted_bundle, OTHER_WEIGHTS, None)))
    assert "list weights" in failed

    checks = list(check_contest(weighted, None, WEIGHTED_LIST, None))
    assert [check.holds for check in checks if check.name == "list entries"] == [None]
    checks = list(check_contest(weighted, None, WEIGHTED_LIST, None, "tickets"))
    assert _failed(checks) == []
    assert any(check.name == "list weights" and check.holds for check in checks)


def test_check_contest__second_draw_for_the_post__shows(world: World, contest: ContestEvidence) -> None:
    second = world.open_contest(LIST, ACCOUNTS, b"\x08" * 32)
    world.finalise("Contest", second)

    checks = list(check_contest(read_contest(world.reader, world.registry, second), None, None, None))

    assert _failed(checks) == []
    assert "draw 2 of 2" in next(check.detail for check in checks if check.name == "draw number")
    hidden = replace(contest, same_post=contest.same_post[1:])
    assert "draw number" in _failed(list(check_contest(hidden, None, None, None)))


def test_read__not_drawn_or_unknown__cannot_tell(world: World) -> None:
    with pytest.raises(CannotTellError, match="no raffle 999"):
        read_raffle(world.reader, world.registry, 999)
    with pytest.raises(CannotTellError, match="no contest 999"):
        read_contest(world.reader, world.registry, 999)
    undrawn = world.open_contest(LIST, ACCOUNTS, b"\x09" * 32)
    with pytest.raises(CannotTellError, match="waits for its seed"):
        read_contest(world.reader, world.registry, undrawn)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "truncated"),
        (b"{}", "missing required field"),
        (b'{"x":' + b"[" * 200_000, "recursion|truncated"),
    ],
)
def test_parse_bundle__other_form__cannot_tell(data: bytes, says: str) -> None:
    with pytest.raises(CannotTellError, match=f"no bundle of a contest.*({says})"):
        parse_bundle(data)


def test_read_bundle__missing_file__cannot_tell(tmp_path: Path) -> None:
    with pytest.raises(CannotTellError, match="cannot be read"):
        read_bundle(str(tmp_path / "none.json"))
