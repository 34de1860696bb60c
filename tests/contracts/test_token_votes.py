"""Delegation and its past; see token_votes.tree."""

import random
from typing import Any

import pytest

from tests.contracts.kit import ZERO, event, now, pass_until
from tests.contracts.token_kit import ALL_FEATURES, FOREVER, SUPPLY, TokenKit, digest, sign, split
from tests.evm import reverts

NAMED = "delegateBySig(address,address,uint256,uint256,bytes)"


@pytest.fixture
def token(tokens: TokenKit) -> Any:
    """The organiser holds 600 of at most 1,000 and delegates to nobody yet."""
    return tokens.create(features=ALL_FEATURES)


@pytest.fixture
def expiry(chain: Any) -> int:
    return int(now(chain)) + 600


def test_delegate__the_account_holds_nothing__moves_no_votes(token: Any, buyer: Any, stranger: Any) -> None:
    receipt = token.delegate(stranger, sender=buyer)
    assert [log.event_name for log in receipt.events] == ["DelegateChanged"]
    assert (token.delegates(buyer), token.getVotes(stranger)) == (stranger.address, 0)


def test_delegate__the_account_holds_tokens__gives_their_votes_and_says_so(
    token: Any, organiser: Any, buyer: Any
) -> None:
    receipt = token.delegate(buyer, sender=organiser)
    changed, votes = event(receipt, "DelegateChanged"), event(receipt, "DelegateVotesChanged")
    assert (changed.delegator, changed.fromDelegate, changed.toDelegate) == (organiser, ZERO, buyer)
    assert (votes.delegate, votes.previousVotes, votes.newVotes) == (buyer.address, 0, SUPPLY)
    assert (token.delegates(organiser), token.getVotes(buyer)) == (buyer.address, SUPPLY)
    assert (token.getVotes(organiser), token.balanceOf(organiser)) == (0, SUPPLY)


def test_delegate__the_account_delegated_to_another_before__moves_the_votes(
    token: Any, organiser: Any, buyer: Any, stranger: Any
) -> None:
    token.delegate(buyer, sender=organiser)
    receipt = token.delegate(stranger, sender=organiser)
    said = [
        (log.delegate, log.previousVotes, log.newVotes)
        for log in receipt.events
        if log.event_name == "DelegateVotesChanged"
    ]
    assert said == [(buyer.address, SUPPLY, 0), (stranger.address, 0, SUPPLY)]
    assert (token.getVotes(buyer), token.getVotes(stranger)) == (0, SUPPLY)


def test_delegate__the_delegatee_is_the_same_again__changes_nothing(
    token: Any, organiser: Any, buyer: Any
) -> None:
    token.delegate(buyer, sender=organiser)
    receipt = token.delegate(buyer, sender=organiser)
    assert [log.event_name for log in receipt.events] == ["DelegateChanged"]
    assert token.getVotes(buyer) == SUPPLY


def test_delegate__the_delegatee_is_the_zero_address__takes_the_votes_back(
    token: Any, organiser: Any, buyer: Any, stranger: Any
) -> None:
    token.delegate(buyer, sender=organiser)
    token.delegate(ZERO, sender=organiser)
    assert (token.delegates(organiser), token.getVotes(buyer), token.getVotes(ZERO)) == (ZERO, 0, 0)
    receipt = token.transfer(stranger, 1, sender=organiser)
    assert [log.event_name for log in receipt.events] == ["Transfer"]
    assert token.balanceOf(organiser) == SUPPLY - 1


def test_delegate_by_sig__the_time_is_over__reverts_votes_expired_signature(
    token: Any, organiser: Any, buyer: Any, chain: Any, expiry: int
) -> None:
    signature = sign(token, organiser, "Delegation", (buyer.address, 0, expiry))
    chain.pending_timestamp = expiry + 1
    with reverts(token.VotesExpiredSignature, expiry=expiry):
        token.delegateBySig(buyer, 0, expiry, *split(signature), sender=buyer)


def test_delegate_by_sig__the_nonce_is_not_the_next__reverts_invalid_account_nonce(
    token: Any, organiser: Any, buyer: Any, expiry: int
) -> None:
    signature = split(sign(token, organiser, "Delegation", (buyer.address, 0, expiry)))
    token.delegateBySig(buyer, 0, expiry, *signature, sender=buyer)
    with reverts(token.InvalidAccountNonce, account=organiser, currentNonce=1):
        token.delegateBySig(buyer, 0, expiry, *signature, sender=buyer)
    ahead = sign(token, organiser, "Delegation", (buyer.address, 2, expiry))
    with reverts(token.InvalidAccountNonce, account=organiser, currentNonce=1):
        token.delegateBySig(buyer, 2, expiry, *split(ahead), sender=buyer)


def test_delegate_by_sig__the_signature_is_none__reverts_ecdsa_invalid_signature(
    token: Any, buyer: Any, expiry: int
) -> None:
    with reverts(token.ECDSAInvalidSignature):
        token.delegateBySig(buyer, 0, expiry, 27, bytes(32), bytes(32), sender=buyer)


def test_delegate_by_sig__another_clone_was_signed_for__does_nothing_for_the_signer(
    token: Any, tokens: TokenKit, organiser: Any, buyer: Any, expiry: int
) -> None:
    """The standard's function finds the signer in the signature: here somebody who does not exist."""
    twin = tokens.create(b"\x02" * 32, features=ALL_FEATURES)
    signature = sign(twin, organiser, "Delegation", (buyer.address, 0, expiry))
    receipt = token.delegateBySig(buyer, 0, expiry, *split(signature), sender=buyer)
    assert event(receipt, "DelegateChanged").delegator != organiser.address
    assert (token.delegates(organiser), token.getVotes(buyer), token.nonces(organiser)) == (ZERO, 0, 0)


def test_delegate_by_sig__the_account_signed__delegates_for_it(
    token: Any, organiser: Any, buyer: Any, stranger: Any, chain: Any, expiry: int
) -> None:
    signature = sign(token, organiser, "Delegation", (buyer.address, 0, expiry))
    chain.pending_timestamp = expiry
    token.delegateBySig(buyer, 0, expiry, *split(signature), sender=stranger)
    assert (token.delegates(organiser), token.getVotes(buyer)) == (buyer.address, SUPPLY)
    assert token.nonces(organiser) == 1


def test_delegate_by_sig__the_account_is_named_and_signed__delegates_for_whom_it_names(
    token: Any, organiser: Any, buyer: Any, stranger: Any, chain: Any, expiry: int
) -> None:
    signature = sign(token, organiser, "Delegation", (buyer.address, 0, expiry))
    chain.pending_timestamp = expiry
    token.invoke(NAMED, organiser, buyer, 0, expiry, signature, sender=stranger)
    assert (token.getVotes(buyer), token.nonces(organiser)) == (SUPPLY, 1)


def test_delegate_by_sig__the_account_named_did_not_sign__reverts_token_signature_invalid(
    token: Any, tokens: TokenKit, organiser: Any, buyer: Any, wallet: Any, expiry: int
) -> None:
    twin = tokens.create(b"\x02" * 32, features=ALL_FEATURES)
    words = (buyer.address, 0, expiry)
    for signature in (sign(token, buyer, "Delegation", words), sign(twin, organiser, "Delegation", words)):
        for account in (organiser, wallet):
            with reverts(token.TokenSignatureInvalid, account=account):
                token.invoke(NAMED, account, buyer, 0, expiry, signature, sender=buyer)


def test_delegate_by_sig__the_account_named_signed_for_an_hour_that_is_over__reverts_votes_expired_signature(
    token: Any, organiser: Any, buyer: Any, chain: Any, expiry: int
) -> None:
    signature = sign(token, organiser, "Delegation", (buyer.address, 0, expiry))
    chain.pending_timestamp = expiry + 1
    with reverts(token.VotesExpiredSignature, expiry=expiry):
        token.invoke(NAMED, organiser, buyer, 0, expiry, signature, sender=buyer)


def test_delegate_by_sig__the_account_named_signed_with_an_old_nonce__reverts_invalid_account_nonce(
    token: Any, organiser: Any, buyer: Any, expiry: int
) -> None:
    signature = sign(token, organiser, "Delegation", (buyer.address, 0, expiry))
    token.invoke(NAMED, organiser, buyer, 0, expiry, signature, sender=buyer)
    with reverts(token.InvalidAccountNonce, account=organiser, currentNonce=1):
        token.invoke(NAMED, organiser, buyer, 0, expiry, signature, sender=buyer)


def test_delegate_by_sig__the_account_is_a_contract_that_signed__delegates_for_the_contract(
    token: Any, organiser: Any, buyer: Any, wallet: Any, expiry: int
) -> None:
    token.transfer(wallet, 10, sender=organiser)
    hashed = digest(token, "Delegation", (buyer.address, 0, expiry))
    wallet.approveSignature(hashed, b"agreed", sender=buyer)
    token.invoke(NAMED, wallet, buyer, 0, expiry, b"agreed", sender=buyer)
    assert (token.delegates(wallet), token.getVotes(buyer)) == (buyer.address, 10)


def test_get_votes__a_delegating_account_gives_tokens_away__loses_their_votes(
    token: Any, organiser: Any, buyer: Any, stranger: Any
) -> None:
    token.delegate(buyer, sender=organiser)
    said = event(token.transfer(stranger, 100, sender=organiser), "DelegateVotesChanged")
    assert (said.delegate, said.previousVotes, said.newVotes) == (buyer.address, SUPPLY, SUPPLY - 100)
    assert (token.getVotes(buyer), token.getVotes(stranger)) == (SUPPLY - 100, 0)


def test_get_votes__a_delegating_account_receives_tokens__gains_their_votes(
    token: Any, organiser: Any, buyer: Any, stranger: Any
) -> None:
    token.delegate(stranger, sender=buyer)
    token.transfer(buyer, 100, sender=organiser)
    assert (token.getVotes(stranger), token.getVotes(buyer)) == (100, 0)
    token.transfer(buyer, 0, sender=organiser)
    token.transfer(buyer, 100, sender=buyer)
    assert (token.getVotes(stranger), token.balanceOf(buyer)) == (100, 100)


def test_get_votes__both_accounts_delegate_to_one__stays_as_it_is(
    token: Any, organiser: Any, buyer: Any, stranger: Any
) -> None:
    for account in (organiser, buyer):
        token.delegate(stranger, sender=account)
    receipt = token.transfer(buyer, 100, sender=organiser)
    assert [log.event_name for log in receipt.events] == ["Transfer"]
    assert token.getVotes(stranger) == SUPPLY


def test_get_votes__tokens_are_minted_and_burnt__follows_them(token: Any, organiser: Any, buyer: Any) -> None:
    token.delegate(buyer, sender=organiser)
    token.mint(organiser, 50, sender=organiser)
    assert token.getVotes(buyer) == SUPPLY + 50
    token.burn(150, sender=organiser)
    assert token.getVotes(buyer) == token.totalSupply() == SUPPLY - 100


def test_get_votes__many_things_happen__is_the_sum_of_delegated_balances(
    token: Any, organiser: Any, accounts: Any
) -> None:
    chance = random.Random(5)
    people = [organiser, *(accounts[index] for index in range(4, 8))]
    for _ in range(150):
        one, other = chance.sample(people, 2)
        if chance.random() < 0.3:
            token.delegate(chance.choice([ZERO, *people]), sender=one)
        else:
            token.transfer(other, chance.randint(0, token.balanceOf(one)), sender=one)
    delegated = {person.address: 0 for person in people}
    for person in people:
        delegated[token.delegates(person)] = delegated.get(token.delegates(person), 0) + token.balanceOf(
            person
        )
    assert {person: token.getVotes(person) for person in delegated if person != ZERO} == {
        person: votes for person, votes in delegated.items() if person != ZERO
    }


def test_get_past_votes__the_time_is_not_over__reverts_erc5805_future_lookup(
    token: Any, organiser: Any
) -> None:
    clock = token.clock()
    for time in (clock, clock + 1, FOREVER):
        with reverts(token.ERC5805FutureLookup, timepoint=time, clock=clock):
            token.getPastVotes(organiser, time)
        with reverts(token.ERC5805FutureLookup, timepoint=time, clock=clock):
            token.getPastTotalSupply(time)


def test_get_past_votes__the_time_is_before_all__is_zero(token: Any, organiser: Any, chain: Any) -> None:
    born = now(chain)
    token.delegate(organiser, sender=organiser)
    token.transfer(organiser, 1, sender=organiser)
    chain.warp(10)
    for time in (0, born - 10):
        assert (token.getPastVotes(organiser, time), token.getPastTotalSupply(time)) == (0, 0)


def test_get_past_votes__there_were_many_changes__is_what_it_was_at_every_time(
    token: Any, organiser: Any, buyer: Any, stranger: Any, chain: Any
) -> None:
    chance = random.Random(8)
    token.delegate(buyer, sender=organiser)
    seen: list[tuple[int, int, int]] = []
    for _ in range(40):
        pass_until(chain, now(chain) + chance.randint(1, 5))
        if chance.random() < 0.5:
            token.transfer(stranger, 1, sender=organiser)
        else:
            token.burn(chance.randint(0, 2), sender=organiser)
        seen.append((chain.timestamp, token.getVotes(buyer), token.totalSupply()))
    chain.warp(10)
    following = [time for time, _, _ in seen[1:]] + [chain.timestamp]
    for (time, votes, supply), end in zip(seen, following, strict=True):
        for moment in {time, end - 1}:
            assert (token.getPastVotes(buyer, moment), token.getPastTotalSupply(moment)) == (votes, supply)


def test_get_past_votes__there_were_several_changes_in_one_second__is_the_last_of_them(
    token: Any, organiser: Any, buyer: Any, wallet: Any, chain: Any
) -> None:
    token.transfer(wallet, 100, sender=organiser)
    before = chain.timestamp
    chain.warp(5)
    calls = [
        token.delegate.encode_input(buyer),
        token.transfer.encode_input(organiser, 10),
        token.burn.encode_input(20),
        token.transfer.encode_input(organiser, 30),
        token.burn.encode_input(5),
    ]
    wallet.executeMany(token, calls, sender=buyer)
    time = chain.timestamp
    chain.warp(5)
    assert token.getPastVotes(buyer, time) == token.getVotes(buyer) == 35
    assert token.getPastTotalSupply(time) == token.totalSupply() == SUPPLY - 25
    assert (token.getPastVotes(buyer, before), token.getPastTotalSupply(before)) == (0, SUPPLY)


def test_clock__is_the_block_s_time(token: Any, chain: Any) -> None:
    chain.warp(1_000)
    assert token.clock() == chain.timestamp
    assert token.CLOCK_MODE() == "mode=timestamp"
