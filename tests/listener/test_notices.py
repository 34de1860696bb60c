"""NOTIFY: after the commit, with the range; a reader that reads on it always sees the rows."""

import json
from collections.abc import Callable
from typing import Any

import psycopg

from tests.listener.abis import NAMED, RAFFLE, log
from tests.listener.fake_chain import FakeChain
from tests.listener.rig import Rig
from tests.listener.stalls import is_stalled, stalled_writes
from tests.support.waiting import wait_until

Db = psycopg.Connection[tuple[Any, ...]]


class Notices:
    """What comes on a connection, in order. psycopg's own reader forgets what came together with the last one it gave."""

    def __init__(self, db: Db) -> None:
        self._db, self._new = db, list[dict[str, Any]]()
        db.add_notify_handler(lambda notice: self._new.append(json.loads(notice.payload)))
        db.execute("LISTEN mirror")

    def until(self, enough: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first from here on that is enough."""
        read = list[dict[str, Any]]()

        def is_there() -> bool:
            self._db.execute("SELECT 1")  # takes in what has come
            while self._new:
                read.append(self._new.pop(0))
                if enough(read[-1]):
                    return True
            return False

        wait_until(is_there, 60, what="a notice")
        return read[-1]


def labels(db: Db) -> set[tuple[int, str]]:
    return set(db.execute("SELECT block_number, label FROM mirror.raffle_named").fetchall())


def test_commit__names_the_blocks__and_the_rows_are_there(chain: FakeChain, rig: Rig) -> None:
    rig.mirror_until(chain.head, chain.url)
    with psycopg.connect(rig.database_url, autocommit=True) as db, rig.listener(chain.url) as process:
        notices = Notices(db)
        process.wait_for_output("mirror opened")
        for number in range(1, 6):
            chain.mine([log(RAFFLE, NAMED, number, f"n{number}")])
            notice = notices.until(lambda notice, number=number: notice["last_block"] == number)  # type: ignore[misc]
            assert notice == {
                "chain_id": 31337,
                "first_block": number,
                "last_block": number,
                "rolled_back": False,
            }
            assert (number, f"n{number}") in labels(db)


def test_rollback__says_so__and_the_rows_are_gone(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*[[log(RAFFLE, NAMED, number, "old")] for number in range(6)])
    rig.mirror_until(chain.head, chain.url)
    with psycopg.connect(rig.database_url, autocommit=True) as db, rig.listener(chain.url) as process:
        notices = Notices(db)
        process.wait_for_output("mirror opened")
        chain.fork(4, [[log(RAFFLE, NAMED, number, "new")] for number in range(5)])
        taken_back = notices.until(lambda notice: bool(notice["rolled_back"]))
        assert taken_back == {"chain_id": 31337, "first_block": 3, "last_block": 6, "rolled_back": True}
        last = notices.until(lambda notice: notice["last_block"] == 7)
        assert last["rolled_back"] is False
        assert labels(db) == {(1, "old"), (2, "old"), *((number, "new") for number in range(3, 8))}


def test_commit__that_does_not_happen__is_not_announced(chain: FakeChain, rig: Rig) -> None:
    """Killed while the commit is held: there is no notice for blocks that are not there."""
    rig.mirror_until(chain.head, chain.url)
    with psycopg.connect(rig.database_url, autocommit=True) as db:
        db.execute("LISTEN mirror")
        process = rig.listener(chain.url)
        process.wait_for_output("mirror opened")
        with stalled_writes(rig, "cursor"):
            chain.mine([log(RAFFLE, NAMED, 1, "x")])
            process.wait_until(lambda: is_stalled(rig))
            process.kill()
        assert [json.loads(notice.payload) for notice in db.notifies(timeout=1)] == []
        assert rig.rows()["raffle_named"] == []
