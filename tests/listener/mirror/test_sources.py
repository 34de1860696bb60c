"""What a change of the registry leaves to be mirrored."""

from listener.mirror.sources import CREATED, Source, source_changes

FACTORY = Source("factory_made", b"f", "Factory", "Made()", "", missing_from=5)
CHILD = Source("child_moved", CREATED, "Child", "Moved()", "", missing_from=5)
CREATORS = {"Child": "Factory"}


def missing(changes: list[Source]) -> dict[str, int | None]:
    return {source.table_name: source.missing_from for source in changes}


def test_first_start__nothing_is_missing() -> None:
    assert missing(source_changes([], [FACTORY, CHILD], CREATORS, 4)) == {
        "factory_made": None,
        "child_moved": None,
    }


def test_added_late__missing_from_its_first_block() -> None:
    assert missing(source_changes([], [FACTORY], {}, 90)) == {"factory_made": 5}


def test_nothing_changed__nothing_to_write() -> None:
    stored = [source_changes([], [FACTORY], {}, 4)[0]]
    assert source_changes(stored, [FACTORY], {}, 90) == []


def test_factory_added_late__what_it_creates_is_missing_too() -> None:
    other = Source("factory_made", b"g", "Factory", "Made()", "", missing_from=30)
    stored = source_changes([], [FACTORY, CHILD], CREATORS, 4)
    changes = source_changes(stored, [FACTORY, other, CHILD], CREATORS, 90)
    assert missing(changes) == {"factory_made": 30, "child_moved": 30}


def test_left_and_came_back__missing_since_it_left() -> None:
    stored = source_changes([], [FACTORY], {}, 4)
    gone = source_changes(stored, [], {}, 50)
    assert [source.stopped_at for source in gone] == [50]
    back = source_changes(gone, [FACTORY], {}, 70)
    assert [(source.missing_from, source.stopped_at) for source in back] == [(51, None)]
