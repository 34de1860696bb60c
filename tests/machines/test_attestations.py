"""Statements: what was said stays said, blocks of a topic only rise, and a walk from the end meets all of them."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from tests.evm import Chain
from tests.machines.base import Machine, Namespace

ZERO = "0x" + "00" * 20
TOPICS = [b"backing".ljust(32, b"\0"), b"audit".ljust(32, b"\0")]
OWNER, STRANGER, NOBODY = 0, 4, 5
people = st.integers(OWNER, STRANGER)
words = st.binary(min_size=32, max_size=32)


class AttestationsMachine(Machine):
    """Account 0 owns it, 1 to 3 are publishers by turns, 4 never is."""

    @classmethod
    def deploy(cls, chain: Chain) -> Namespace:
        chain.mine(50)
        owner = chain.accounts[OWNER]
        return Namespace(it=owner.deploy(chain.project.Attestations, owner, chain.accounts[1]))

    def __init__(self) -> None:
        super().__init__()
        self.it, self.people = self.world.it, [self.chain.accounts[i] for i in range(5)]
        self.publisher = 1
        # Of each topic what was said, and in which block: (block, (snapshot, root, total, document, previous)).
        self.said: list[list[tuple[int, tuple[Any, ...]]]] = [[] for _ in TOPICS]
        self.logs: dict[int, Any] = {}

    @rule(by=people, who=st.integers(OWNER, NOBODY))
    def name(self, by: int, who: int) -> None:
        error = None if by == OWNER else "OwnableUnauthorizedAccount"
        named = ZERO if who in (NOBODY, STRANGER) else self.people[who]
        if self.attempt(error, lambda: self.it.setPublisher(named, sender=self.people[by])):
            self.publisher = NOBODY if who in (NOBODY, STRANGER) else who

    @rule(
        by=st.one_of(people, st.none()),
        topic=st.integers(0, 1),
        step=st.sampled_from([1, 1, 2, 3, 0, -1, 2**40]),
        root=words,
        document=words,
        total=st.one_of(st.integers(0, 9), st.just(2**256 - 1)),
    )
    def publish(
        self, by: int | None, topic: int, step: int, root: bytes, document: bytes, total: int
    ) -> None:
        who = self.publisher if by is None and self.publisher != NOBODY else (by or 0)
        said, now = self.said[topic], self.chain.block_number + 1
        last = said[-1][1][0] if said else 0
        block, wrong = max(0, last + step), set()
        if who != self.publisher:
            wrong = {"AttestationsNotPublisher"}
        elif not last < block < now:
            wrong = {"AttestationsBlockInvalid"}
        arguments = (TOPICS[topic], block, root, total, document)
        receipt = self.attempt(wrong, lambda: self.it.publish(*arguments, sender=self.people[who]))
        if receipt:
            (log,) = receipt.events
            self.logs[receipt.block_number] = log
            said.append((now, (block, root, total, document, said[-1][0] if said else 0)))

    @invariant()
    def walk(self) -> None:
        for topic, said in zip(TOPICS, self.said, strict=True):
            last = self.it.lastOf(topic)
            assert tuple(last) == ((said[-1][1][0], said[-1][0]) if said else (0, 0))
            at = last.publishedIn
            for block, told in reversed(said):
                log = self.logs[at]
                assert (at, log.topic) == (block, topic)
                assert (log.snapshotBlock, log.root, log.total, log.document, log.previous) == told
                at = log.previous
            assert at == 0


TestAttestations = AttestationsMachine.quick(examples=15)
