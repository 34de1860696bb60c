"""Checks that raffle and contest draws share: order in time, VRF, drand, seed, winning numbers."""

from collections.abc import Iterator

from listener.chain.draw import drand
from listener.chain.draw.seed import draw_seed, randomness
from listener.chain.draw.winners import winners
from scripts._evidence import Check, DrawEvidence
from scripts._vrf_checks import check_vrf


def check_draw(draw: DrawEvidence) -> Iterator[Check]:
    """All of them; a draw without exactly one request and one seed ends after the first."""
    once = len(draw.requests) == 1 and len(draw.finals) == 1
    yield Check(
        "asked and decided once",
        once,
        f"{len(draw.requests)} request(s), {len(draw.finals)} final seed(s)",
    )
    if not once:
        return
    yield _committed_first(draw)
    yield _reveal(draw)
    yield _vrf(draw)
    yield from check_vrf(draw)
    yield _beacon(draw)
    yield _round(draw)
    yield _signature(draw)
    yield _seed(draw)
    yield _numbers(draw)


def _committed_first(draw: DrawEvidence) -> Check:
    asked, final = draw.request.args, draw.final.args
    same = all(
        source[name] == asked[name] for name in ("commitment", "n", "k") for source in (final, draw.stored)
    )
    before = draw.request.place < draw.final.place
    detail = f"commitment 0x{asked['commitment'].hex()}, n = {asked['n']}, k = {asked['k']} since the request"
    return Check("fixed before the randomness", same and before, detail)


def _reveal(draw: DrawEvidence) -> Check:
    asked, due = draw.request.args, draw.request.time + draw.reveal_delay
    holds = (
        asked["revealAt"] == due and asked["vrfDeadline"] == due - draw.vrf_margin and draw.final.time > due
    )
    detail = f"requested at {draw.request.time}, reveal at {asked['revealAt']}, seed at {draw.final.time}"
    return Check("request before reveal", holds, detail)


def _vrf(draw: DrawEvidence) -> Check:
    used = draw.final.args["vrfWord"]
    if not draw.words:
        detail = "no word came in time: drand alone decided"
        return Check(
            "VRF word", used == 0, detail if used == 0 else f"word {used:#x} is used, but none was accepted"
        )
    word, asked = draw.words[0], draw.request.args
    holds = (
        len(draw.words) == 1
        and used == word.args["word"] == draw.stored["vrfWord"]
        and word.args["vrfRequestId"] == asked["vrfRequestId"]
        and word.time < asked["vrfDeadline"]
        and draw.request.place < word.place < draw.final.place
    )
    detail = f"came at {word.time}, cut off at {asked['vrfDeadline']}, request {asked['vrfRequestId']}"
    return Check("VRF word", holds, detail)


def _beacon(draw: DrawEvidence) -> Check:
    beacon = draw.beacon
    if beacon.expected is None:
        return Check("drand key", None, f"nothing to compare with: {beacon.expected_from}")
    holds = beacon.public_key == beacon.expected
    words = "is" if holds else "is not"
    return Check("drand key", holds, f"the key of {beacon.address} {words} that of {beacon.expected_from}")


def _round(draw: DrawEvidence) -> Check:
    beacon, reveal_at = draw.beacon, draw.request.args["revealAt"]
    if not beacon.period:
        return Check("drand round", None, "when the beacon's rounds come is not known here")
    due = drand.round_after(reveal_at, genesis=beacon.genesis, period=beacon.period)
    told = {draw.request.args["round"], draw.final.args["round"], draw.stored["round"]}
    published = drand.time_of(due, genesis=beacon.genesis, period=beacon.period)
    return Check(
        "drand round", told == {due}, f"round {due}, published at {published}, the first after {reveal_at}"
    )


def _signature(draw: DrawEvidence) -> Check:
    if draw.signature is None:
        return Check("drand signature", None, "it was not found in the transaction; the contract verified it")
    key = drand.swap_key(draw.beacon.public_key)
    try:
        valid = drand.verify(key, draw.final.args["round"], draw.signature)
        told = drand.randomness_of(draw.signature)
    except drand.PointError as error:
        return Check("drand signature", False, str(error))
    holds = valid and told == draw.final.args["drandRandomness"]
    words = "valid" if valid else "invalid"
    return Check("drand signature", holds, f"{words}, randomness 0x{told.hex()}")


def _seed(draw: DrawEvidence) -> Check:
    final = draw.final.args
    seed = draw_seed(
        chain_id=draw.chain_id,
        contract=draw.contract,
        draw_id=draw.draw_id,
        commitment=draw.request.args["commitment"],
        n=draw.request.args["n"],
        randomness=randomness(final["vrfWord"], final["round"], final["drandRandomness"]),
    )
    holds = seed == final["seed"] == draw.stored["seed"]
    return Check("seed", holds, f"recomputed 0x{seed.hex()}")


def _numbers(draw: DrawEvidence) -> Check:
    final = draw.final.args
    drawn = winners(final["seed"], final["n"], final["k"])
    holds = list(draw.numbers) == drawn[: len(draw.numbers)] and bool(draw.numbers)
    shown = ", ".join(map(str, drawn[:10])) + (f" … ({len(drawn)} ranks)" if len(drawn) > 10 else "")
    return Check("winning numbers", holds, f"TOMBOLA-1 gives {shown}")
