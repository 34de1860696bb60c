"""The same checks of the chain's face on both engines."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from tests.contracts import quick_drand
from tests.evm import Build, Chain, Contract, Reverted, open_chain, reverts
from tests.evm.engine import START

ETHER = 10**18
ENGINES = ["revm", "anvil"] if find_spec("pyrevm") else ["anvil"]


@pytest.fixture(scope="module", params=ENGINES)
def chain(request: pytest.FixtureRequest, build: Build) -> Iterator[Chain]:
    opened = open_chain(build, request.param)
    yield opened
    opened.close()


@pytest.fixture
def face(chain: Chain) -> Contract:
    return chain.accounts[0].deploy(chain.project.FaceHarness, 7)


def test_values__nested_structs__come_back_with_names(chain: Chain, face: Contract) -> None:
    someone, word = chain.accounts[3], b"\x01" * 32
    same, count = face.echo((5, [(someone, [word, "0x" + "02" * 32]), (face, [])], "text"))
    assert (same.number, same.text, count) == (5, "text", 2)
    assert (same.parts[0].who, same.parts[0].words) == (someone.address, [word, b"\x02" * 32])
    assert same.parts[1].who == face
    assert face.echo({"number": 1, "parts": [], "text": ""}).count == 0


def test_transaction__accepted__has_events_and_a_value(chain: Chain, face: Contract) -> None:
    receipt = face.keep((9, [], "hello"), sender=chain.accounts[1])
    assert receipt.return_value == 7
    (log,) = receipt.events
    assert (log.event_name, log.address, log.who) == ("Kept", face.address, chain.accounts[1].address)
    assert (log.value.number, log.value.text, len(log.label)) == (9, "hello", 32)
    assert face.stored() == 9
    assert 21_000 < receipt.gas_used < 60_000


def test_call__of_a_transaction__changes_nothing(chain: Chain, face: Contract) -> None:
    assert face.keep.call((9, [], ""), sender=chain.accounts[1]) == 7
    assert face.stored() == 7


def test_overload__by_kind_or_by_signature__is_the_right_one(face: Contract) -> None:
    assert face.pick(5) == 5
    assert face.pick(b"\x05" * 32) == b"\x05" * 32
    assert face.invoke("pick(uint256)", 6) == 6
    with pytest.raises(TypeError, match="0 of pick"):
        face.pick("neither")


def test_reverts__right_error__passes(chain: Chain, face: Contract) -> None:
    sender = chain.accounts[2]
    with reverts(face.FaceRefused, who=sender, number=4):
        face.refuse(4, sender=sender)
    with reverts("FaceRefused", number=4):
        face.refuse.call(4, sender=sender)
    with reverts(message="Paused"):
        face.say("Paused")
    with reverts(panic=0x11):
        face.overflow(sender=sender)
    with reverts(empty=True):
        face.silent()
    with reverts(empty=True):
        face.spin(gas=100_000)
    with reverts(empty=True):
        face.refuse(4, sender=sender, gas=22_500)
    with reverts(chain.project.FaceHarness.FaceRefused, number=0):
        sender.deploy(chain.project.FaceHarness, 0)
    assert face.stored() == 7


@pytest.mark.parametrize(
    ("expected", "arguments"),
    [
        ("FaceSilent", {}),
        ("FaceRefused", {"number": 5}),
        ("FaceRefused", {"count": 4}),
        (None, {"message": "no"}),
        (None, {"panic": 1}),
        (None, {"empty": True}),
    ],
)
def test_reverts__anything_else__fails(
    chain: Chain, face: Contract, expected: str | None, arguments: dict[str, Any]
) -> None:
    with pytest.raises(AssertionError), reverts(expected, **arguments):
        face.refuse(4, sender=chain.accounts[0])


def test_reverts__no_revert__fails(face: Contract) -> None:
    with pytest.raises(AssertionError, match="there was none"), reverts("FaceRefused"):
        face.stored()
    with pytest.raises(TypeError), reverts():
        face.silent()


def test_transient_storage__next_transaction__is_empty(chain: Chain, face: Contract) -> None:
    sender = chain.accounts[0]
    assert [face.enter(sender=sender).return_value for _ in range(2)] == [1, 1]
    assert face.enter.call(sender=sender) == 1


def test_time__transactions_and_views__see_their_block(chain: Chain, face: Contract) -> None:
    time, number, chain_id = face.moment()
    assert (time, number, chain_id) == (chain.timestamp, chain.block_number, 31337)
    assert chain.pending_timestamp == time + 1
    chain.pending_timestamp = time + 50
    assert face.moment().time == time
    receipt = face.keep((1, [], ""), sender=chain.accounts[0])
    assert (receipt.timestamp, face.moment().time, face.moment().number) == (time + 50, time + 50, number + 1)
    chain.warp(100)
    assert face.moment().time == chain.timestamp == time + 150
    chain.mine(3)
    assert (face.moment().time, face.moment().number) == (time + 153, number + 5)
    with pytest.raises(ValueError, match="comes after"):
        chain.pending_timestamp = chain.timestamp
    assert time > START


def test_time__refused_transaction__takes_a_block_too(chain: Chain, face: Contract) -> None:
    before = face.moment()
    with reverts(face.FaceRefused):
        face.refuse(1, sender=chain.accounts[0])
    assert (face.moment().time, face.moment().number) == (before.time + 1, before.number + 1)


def test_snapshot__restored_twice__brings_all_back(chain: Chain, face: Contract) -> None:
    someone, other = chain.accounts[4], chain.accounts[5]
    someone.transfer(other, 5)
    before = (chain.timestamp, someone.balance, other.balance, face.balance, chain.get_code(other))
    snapshot = chain.snapshot()
    for _ in range(2):
        someone.transfer(other, ETHER)
        chain.set_balance(someone, 3)
        chain.set_balance(face, 10 * ETHER)
        chain.set_balance(other, 0)
        chain.set_code(other, b"\x60\x00")
        chain.set_storage(face, 0, 99)
        assert (someone.balance, other.balance, face.balance) == (3, 0, 10 * ETHER)
        assert (face.stored(), chain.get_storage(face, 0)) == (99, 99)
        chain.warp(1000)
        chain.restore(snapshot)
        assert (
            chain.timestamp,
            someone.balance,
            other.balance,
            face.balance,
            chain.get_code(other),
        ) == before
        assert (face.stored(), face.moment().time) == (7, chain.timestamp)


def test_snapshot__thousands_one_after_the_other__leave_calls_as_deep_as_before(
    chain: Chain, face: Contract
) -> None:
    kept = chain.snapshot()
    for _ in range(1_100):
        chain.restore(kept)
        chain.undo(chain.snapshot())
    assert face.keep((9, [], "hello"), sender=chain.accounts[1]).return_value == 7


def test_snapshot__inner_ones__are_forgotten_by_an_outer_restore(chain: Chain, face: Contract) -> None:
    outer = chain.snapshot()
    face.keep((1, [], ""), sender=chain.accounts[0])
    inner = chain.snapshot()
    face.keep((2, [], ""), sender=chain.accounts[0])
    chain.restore(inner)
    assert face.stored() == 1
    chain.restore(outer)
    assert face.stored() == 7
    with pytest.raises(KeyError):
        chain.restore(inner)


def test_money__sent_and_relayed__arrives(chain: Chain, face: Contract) -> None:
    sender, receiver = chain.accounts[6], chain.accounts[7]
    held = sender.balance, receiver.balance
    sender.transfer(face, 3)
    assert face.relay(receiver, sender=sender, value=4).return_value == sender.address
    assert (sender.balance, receiver.balance, face.balance) == (held[0] - 7, held[1] + 4, 3)
    with reverts(empty=True):
        face.keep((1, [], ""), sender=sender, value=1)
    with reverts(empty=True):
        sender.transfer(receiver, 10**30)


def test_impersonate__account_or_contract__is_the_sender(chain: Chain, face: Contract) -> None:
    contract = chain.accounts[0].deploy(chain.project.FaceHarness, 1)
    for address in ("0x" + "ab" * 20, contract.address):
        log = face.keep((1, [], ""), sender=chain.impersonate(address)).events[0]
        assert log.who == chain.impersonate(address)
    assert contract.stored() == 1


def test_delegate__an_account_with_a_key__runs_the_code_and_still_sends(chain: Chain, face: Contract) -> None:
    account, other = chain.accounts[8], chain.accounts[9]
    snapshot = chain.snapshot()
    chain.delegate(account, face)
    delegated = chain.project.FaceHarness.at(account)
    delegated.keep((3, [], ""), sender=other)
    assert (delegated.stored(), face.stored()) == (3, 7)
    held = other.balance
    account.transfer(other, 5)
    assert other.balance - held == 5
    chain.restore(snapshot)
    assert chain.get_code(account) == b""


def test_unknown_names__are_no_attributes(chain: Chain, face: Contract) -> None:
    for owner, name in ((face, "nothing"), (chain.project.FaceHarness, "FaceNothing")):
        with pytest.raises(AttributeError, match=f"has no .*{name}"):
            getattr(owner, name)
    with pytest.raises(TypeError, match="say sender"):
        face.enter()
    with pytest.raises(TypeError, match="takes 1 arguments"):
        face.refuse(1, 2, sender=chain.accounts[0])


def test_beacon__rounds_of_quick_drand__verify(chain: Chain) -> None:
    beacon = chain.accounts[0].deploy(
        chain.project.TestBeacon, quick_drand.KEY, quick_drand.GENESIS, quick_drand.PERIOD
    )
    signature = quick_drand.sign(1000)
    assert beacon.verify(1000, signature) == quick_drand.randomness_of(signature)
    with reverts(beacon.DrandBeaconSignatureInvalid, round=1001):
        beacon.verify(1001, signature)
    with reverts(beacon.DrandBeaconSignatureLength, length=95):
        beacon.verify(1000, signature[1:])


def test_chain_id__another__is_what_contracts_see(build: Build, chain: Chain) -> None:
    other = open_chain(build, chain.engine.name, chain_id=137)
    try:
        assert other.accounts[0].deploy(other.project.FaceHarness, 1).moment().chain == 137
        assert other.accounts[0].address == chain.accounts[0].address
    finally:
        other.close()


def test_refusal__text__names_error_and_arguments(chain: Chain, face: Contract) -> None:
    with pytest.raises(Reverted, match=r"^FaceRefused\(who='0x[0-9a-fA-F]{40}', number=4\)$"):
        face.refuse(4, sender=chain.accounts[0])
