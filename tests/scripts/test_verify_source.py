"""`ape run verify_source`: what is sent compiles to what stands on chain, by a service that compiles it again."""

import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import ape
import pytest

from listener.chain.registry import Registry
from scripts import _explorer
from scripts._code_checks import PARTS, Place, places
from scripts._etherscan import Etherscan
from scripts._explorer import Explorer, ExplorerError, RefusedError, Submission
from scripts._explorers import explorers_of, verify_deployment
from scripts._sources import Source, sources_of
from scripts._sourcify import Sourcify
from scripts._submission import DiffersError, submission_of
from scripts._upgrade import NEXT
from scripts._verifying import Verifying, paths_of
from tests.scripts.daily import run
from tests.scripts.verifiers import KEY, Told, Verifiers, verifiers
from tests.scripts.world import World
from tests.support.anvil import dev_account
from tools.solc import settings, solc

CHOSEN = ("Attestations", "Vesting")


@pytest.fixture(scope="module")
def services(world: World) -> Iterator[Verifiers]:
    with verifiers(world.anvil) as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def sources() -> Iterator[dict[str, Source]]:
    """Made once for all tests: the compiler takes its time."""
    made = sources_of(["Attestations", "VestingProxy"], paths_of(ape.project))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scripts._verifying.sources_of", lambda names, _: {name: made[name] for name in names})
        yield made


@pytest.fixture(scope="module")
def place(world: World) -> Place:
    return next(one for one in places(world.registry, {}) if one.name == "Attestations")


@pytest.fixture(scope="module")
def sent(world: World, place: Place, sources: dict[str, Source]) -> Submission:
    """What is sent for one contract."""
    return submission_of(world.reader, place, sources["Attestations"])


def both(services: Verifiers, key: str = KEY) -> list[Explorer]:
    def at_once(_: float) -> None:
        pass

    env = services.env
    return [Sourcify(env["SOURCIFY_URL"], at_once), Etherscan(key, env["ETHERSCAN_URL"], at_once)]


def verified(
    world: World,
    services: Verifiers,
    *chosen: str,
    registry: Registry | None = None,
    folder: Path | None = None,
) -> tuple[list[str], str]:
    said: list[str] = []
    known = registry or world.registry
    verifying = Verifying(world.reader, known, paths_of(ape.project), both(services), said.append, folder)
    verifying.pause = lambda _: None
    verifying.run(chosen)
    return verifying.failed + verifying.unanswered, "\n".join(said)


def test_verify__busy_services__all_is_verified_once_and_the_proxy_linked(
    world: World, services: Verifiers, tmp_path: Path
) -> None:
    address = {name: world.registry.contract(name).address for name in CHOSEN}
    services.instead["sourcify"] = [(429, {"message": "Too many requests"}), (503, b"<html>down")]
    services.instead["etherscan"] = [(200, {"status": "0", "result": "Max calls per sec rate limit reached"})]

    failed, told = verified(world, services, *CHOSEN, folder=tmp_path)

    assert failed == [], told
    assert set(services.sourcify) == services.etherscan == {one.lower() for one in address.values()}
    runs = world.registry.extra["vesting_implementation"]["address"]
    assert services.linked == {address["Vesting"].lower(): runs.lower()}
    for name, where in address.items():
        assert f"verified    {name} {where}: Sourcify: exact_match" in told
        assert f"verified    {name} {where}: Etherscan: Pass - Verified" in told
    assert f"linked      Vesting {address['Vesting']}: Etherscan shows it with {runs}" in told
    form = json.loads((tmp_path / "Vesting.form.json").read_text())
    question = json.loads((tmp_path / "Vesting.json").read_text())
    assert form["contract"] == "contracts/vesting/VestingProxy.sol:VestingProxy"
    assert runs[2:].lower() in form["constructor_arguments"]
    assert len(question["sources"]) < 20, "only what it is made of"

    services.asked.clear()
    services.instead["sourcify"] = [(503, b"")] * _explorer.TRIES
    unanswered, told = verified(world, services, *CHOSEN)
    assert ["Sourcify does not serve" in one for one in unanswered] == [True]
    assert told.count("at Etherscan") == 2, "the other service goes on"
    failed, told = verified(world, services, *CHOSEN)
    assert (failed, services.posts) == ([], [])
    assert told.count("already ") == 4, told


def test_verify__killed_while_a_service_worked__awaits_that(services: Verifiers, sent: Submission) -> None:
    """What the first run has asked is under way: the service takes no second request for it."""
    sourcify, etherscan = both(services)
    services.sourcify.pop(sent.address.lower(), None)
    services.busy = {sent.address.lower()}
    services.asked.clear()
    assert sourcify.outcome(sent, sourcify.submit(sent)) == "exact_match"
    assert len(services.posts) == 1
    assert sourcify.outcome(sent, sourcify.submit(sent)) == "exact_match", "409 now"
    services.etherscan.add(sent.address.lower())
    assert etherscan.outcome(sent, etherscan.submit(sent)) == "Already Verified"


def test_verify__other_arguments_or_source__services_refuse(services: Verifiers, sent: Submission) -> None:
    """The service looks for itself: what is wrong is not taken, and is told with its words."""
    sourcify, etherscan = both(services)
    services.sourcify.clear()
    services.etherscan.clear()
    other = replace(sent, arguments=sent.arguments[:-1] + b"\1")
    assert judged(etherscan, other) == "Fail - Unable to verify"
    assert judged(etherscan, changed(sent)) == "Fail - Unable to verify"
    assert judged(sourcify, changed(sent)) == "The deployed and recompiled bytecode don't match."
    assert judged(etherscan, sent) is judged(sourcify, sent) is None


def judged(explorer: Explorer, it: Submission) -> str | None:
    """Why it was refused; None where it was not."""
    try:
        ticket = explorer.submit(it)
        while explorer.outcome(it, ticket) is None:
            pass
    except RefusedError as error:
        return str(error)
    return None


def changed(it: Submission) -> Submission:
    """With a remark more in its file, which only the hash in the metadata knows of."""
    question = json.loads(it.source.json)
    question["sources"][it.source.path]["content"] += "// changed\n"
    return replace(it, source=replace(it.source, question=question))


def test_verify__not_what_stands_on_chain__found_here_and_nothing_is_sent(
    world: World, services: Verifiers, place: Place, sent: Submission
) -> None:
    with pytest.raises(DiffersError, match="in nothing but the hash of sources and settings; check out"):
        submission_of(world.reader, place, changed(sent).source)
    contest = world.registry.contract("Contest")
    with pytest.raises(DiffersError, match="did not make it"):
        submission_of(world.reader, replace(place, made=contest.extra), sent.source)
    coordinator = world.registry.contract("VRFCoordinator")
    assert world.reader.made_by(coordinator.extra["transaction_hash"]) == coordinator.address, (
        "without the proxy"
    )
    with pytest.raises(DiffersError, match="nothing stands there"):
        submission_of(world.reader, replace(place, address="0x" + "11" * 20), sent.source)

    services.asked.clear()
    failed, told = verified(world, services, "Attestations", registry=elsewhere(world))
    assert failed == ["Attestations"]
    assert (
        f"DIFFERS     Attestations {contest.address}: its code is not that of contracts/backing/Att" in told
    )
    assert (services.asked != [], services.posts) == (True, [])


def elsewhere(world: World) -> Registry:
    """A record by which attestations stand where contests do."""
    contracts = dict(world.registry.contracts)
    contracts["Attestations"] = replace(contracts["Attestations"], addresses=contracts["Contest"].addresses)
    return replace(world.registry, contracts=contracts)


NONSENSE = "answers what is not understood: HTTP "
STRANGE: dict[str, tuple[list[Told], str]] = {
    "a page": ([(200, b"<html>hello")], f"Sourcify {NONSENSE}200, '<html>hello'"),
    "a list": ([(200, [])], f"{NONSENSE}200, '\\[\\]'"),
    "too deep": ([(200, b"[" * 99_999)], NONSENSE),
    "too long": ([(200, {"match": "x" * 100_000})], "answers more than 100000 bytes"),
    "another place": ([(302, {})], NONSENSE),
    "signs that steer": ([(400, {"message": "\x1b[2Jno\nsuch"})], r"Sourcify refuses: \[2Jno such$"),
    "other chain": ([(404, {"customCode": "unsupported_chain", "message": "Chain 31337?"})], "31337"),
    "always busy": ([(503, b"")] * _explorer.TRIES, r"\(HTTP 503\), asked 6 times"),
    "no ticket": ([(404, {"match": None}), (202, {"verificationId": "../../x"})], f"{NONSENSE}202"),
    "no word": ([(404, {"match": None}), (202, {"verificationId": "0" * 36}), (200, {"a": 1})], NONSENSE),
}


@pytest.fixture
def stack_of_production() -> Iterator[None]:
    """py_ecc, which only tests import, lets Python recurse so far that deep JSON exhausts the stack."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("stack_of_production")
@pytest.mark.parametrize("kind", STRANGE)
def test_verify__strange_answers__end_the_run_with_a_sentence(
    services: Verifiers, sent: Submission, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_explorer, "MOST_BYTES", 100_000)
    (sourcify, _), (answers, sentence) = both(services), STRANGE[kind]
    services.instead["sourcify"] = list(answers)
    with pytest.raises(ExplorerError, match=sentence) as found:
        sourcify.has(31337, sent.address) or sourcify.outcome(sent, sourcify.submit(sent))
    assert services.instead["sourcify"] == []
    assert len(str(found.value)) < 400


def test_verify__services_out_of_reach__sentences_without_the_key(
    services: Verifiers, sent: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ExplorerError, match=r"refuses: Invalid API Key \(…\)$"):
        both(services, "wrong" + KEY)[1].has(31337, sent.address)
    monkeypatch.setattr(_explorer, "ANSWER_SECONDS", -1.0)
    with pytest.raises(ExplorerError, match="not all said within") as found:
        both(services)[1].has(31337, sent.address)
    assert KEY not in str(found.value)
    with pytest.raises(ExplorerError, match="ConnectError"):
        Sourcify("http://127.0.0.1:9", lambda _: None).has(31337, sent.address)
    with pytest.raises(ExplorerError, match="has to begin with https"):
        Etherscan(KEY, "http://etherscan.example")
    with pytest.raises(ExplorerError, match="ETHERSCAN_API_KEY is missing"):
        explorers_of({}, ["etherscan"])
    with pytest.raises(ExplorerError, match="No public service sees a development chain; SOURCIFY_URL"):
        explorers_of({}, development=True)
    assert [one.name for one in explorers_of({"ETHERSCAN_API_KEY": KEY})] == ["Sourcify", "Etherscan"]


def test_command__exit_codes__key_in_no_line(
    world: World, services: Verifiers, sent: Submission, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    for name, value in {**services.env, "ETHERSCAN_API_KEY": KEY}.items():
        monkeypatch.setenv(name, value)
    token = world.registry.contract("Governor").extra["arguments"][0]
    template = world.registry.extra["token_template"]["address"]
    services.sourcify[sent.address.lower()] = "exact_match"
    services.etherscan = {sent.address.lower()}

    with caplog.at_level(logging.DEBUG):
        code, told = run(world, "verify_source", "Attestations", "VRFCoordinator", token)
    assert code == 0, told
    assert "already     Attestations" in told
    assert "left out    VRFCoordinator" in told
    assert f"clone       token {token}: of the token template {template}" in told
    assert f"not linked  token {token}: Etherscan: The proxy contract at" in told
    assert KEY not in told + caplog.text

    services.sourcify[sent.address.lower()] = "match"
    services.instead["sourcify"] = [(404, {"match": None}), (400, {"message": "no such compiler"})]
    code, told = run(world, "verify_source", "Attestations", "--at", "sourcify")
    assert (code, told.splitlines()[-1]) == (1, "NO: Attestations"), told
    assert "REFUSED     Attestations" in told
    services.asked.clear()
    code, told = run(world, "verify_source", "Attestations", "--dry-run")
    assert (code, services.asked) == (0, []), told
    assert "contracts/backing/Attestations.sol:Attestations, 5 files, 64 bytes of arguments" in told
    assert run(world, "verify_source", "Rafle")[0] == 2
    assert run(world, "verify_source", dev_account(1).address)[0] == 1


def test_deploy__with_verify__never_fails_for_it(
    world: World, services: Verifiers, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, told = world.deploy("--vrf-fund", "0", "--verify")
    assert code == 0, told
    assert "its sources are not all verified: No public service sees a development chain" in told
    assert "Verify them later: ape run verify_source" in told

    said: list[str] = []
    services.instead["sourcify"] = [(200, b"garbage")]
    monkeypatch.setenv("SOURCIFY_URL", services.env["SOURCIFY_URL"])
    with ape.networks.parse_network_choice(world.network) as provider:
        document = json.loads(Path(world.env["REGISTRY"]).read_text())
        verify_deployment(provider, ape.project, document, said.append)
    assert f"its sources are not all verified: Sourcify {NONSENSE}200" in said[-2]


def test_verify__without_names__all_of_the_record_desk_and_templates(
    world: World, services: Verifiers
) -> None:
    known = [
        one for one in world.registry.contracts.values() if one.addresses and one.name != "VRFCoordinator"
    ]
    parts = {str(world.registry.extra[name]["address"]).lower() for name in PARTS}
    following = "0x" + "12" * 20
    services.etherscan = {
        following,
        *parts,
        *(one.address.lower() for one in known),
        world.view("Raffle", "desk"),
    }
    registry = replace(world.registry, extra={**world.registry.extra, NEXT: {"address": following}})
    services.sourcify = dict.fromkeys(services.etherscan, "exact_match")
    services.asked.clear()

    failed, told = verified(world, services, registry=registry)

    assert failed == [], told
    asked = {path.rsplit("/", 1)[1].lower() for _, path in services.asked if "/v2/contract/" in path}
    assert asked == services.etherscan
    assert told.count("left out    ") == 2, told


def test_compiler__a_contract_compiled_alone__has_the_code_of_all_together() -> None:
    """ape names the remappings in use only, which are part of the hash in the code."""
    found = []
    for used in ([], settings()["remappings"][:1]):
        question = {
            "language": "Solidity",
            "sources": {"A.sol": {"content": "contract A {}"}},
            "settings": {"remappings": used, "outputSelection": {"A.sol": {"A": ["metadata"]}}},
        }
        answer = solc(question)
        found.append(json.loads(answer["contracts"]["A.sol"]["A"]["metadata"])["settings"]["remappings"])
    assert found == [[f":{one}" for one in settings()["remappings"]]] * 2
