"""What a change of the registry leaves to be mirrored."""

from dataclasses import replace

from listener.mirror.sources import CREATED, Source, source_changes

FACTORY = Source("factory_made", b"f", "Factory", "Made(address)", "", first_block=5)
CHILD = Source("child_moved", CREATED, "Child", "Moved()", "", first_block=5, created_by="Factory.Made.child")
MIRRORED = [FACTORY, CHILD]


def missing(changes: list[Source]) -> dict[str, int | None]:
    return {source.table_name: source.missing_from for source in changes}


def test_first_start__nothing_is_missing() -> None:
    assert source_changes([], MIRRORED, 4) == MIRRORED


def test_added_late__missing_from_its_first_block() -> None:
    assert missing(source_changes([], [FACTORY], 90)) == {"factory_made": 5}


def test_added_before_its_first_block__nothing_is_missing_then_or_later() -> None:
    late = replace(FACTORY, first_block=91)
    assert missing(source_changes([], [late], 90)) == {"factory_made": None}
    assert source_changes([late], [late], 200) == []


def test_nothing_changed__nothing_to_write() -> None:
    assert source_changes(MIRRORED, MIRRORED, 90) == []


def test_still_being_filled__goes_on_where_it_is() -> None:
    stored = [replace(FACTORY, missing_from=40)]
    assert source_changes(stored, [FACTORY], 90) == []


def test_factory_added_late__what_it_creates_is_missing_too() -> None:
    other = replace(FACTORY, address=b"g", first_block=30)
    assert missing(source_changes(MIRRORED, [FACTORY, other, CHILD], 90)) == {
        "factory_made": 30,
        "child_moved": 30,
    }


def test_factory_gets_another_event__what_it_created_is_not_read_again() -> None:
    paused = replace(FACTORY, table_name="factory_paused", signature="Paused()")
    assert missing(source_changes(MIRRORED, [*MIRRORED, paused], 90)) == {"factory_paused": 5}


def test_chain_of_creators__is_followed_whatever_the_order() -> None:
    grandchild = replace(
        CHILD, table_name="toy_sold", contract="Toy", signature="Sold()", created_by="Child.Moved.toy"
    )
    other = replace(FACTORY, address=b"g", first_block=30)
    changes = source_changes([grandchild, CHILD, FACTORY], [grandchild, CHILD, FACTORY, other], 90)
    assert missing(changes) == {"factory_made": 30, "child_moved": 30, "toy_sold": 30}


def test_left_and_came_back__missing_since_it_left() -> None:
    gone = source_changes([FACTORY], [], 50)
    assert [source.stopped_at for source in gone] == [50]
    assert source_changes(gone, [], 60) == []
    back = source_changes(gone, [FACTORY], 70)
    assert [(source.missing_from, source.stopped_at) for source in back] == [(51, None)]


def test_left_while_it_was_filled_and_came_back__missing_from_where_the_filling_was() -> None:
    gone = source_changes([replace(FACTORY, missing_from=20)], [], 50)
    back = source_changes(gone, [FACTORY], 70)
    assert [(source.missing_from, source.stopped_at) for source in back] == [(20, None)]


def test_left_before_its_first_block_and_came_back__missing_from_its_first_block() -> None:
    gone = source_changes([replace(FACTORY, first_block=60)], [], 50)
    assert missing(source_changes(gone, [replace(FACTORY, first_block=60)], 70)) == {"factory_made": 60}


def test_first_block_lowered__missing_from_there() -> None:
    changes = source_changes([FACTORY], [replace(FACTORY, first_block=2)], 90)
    assert [(source.missing_from, source.first_block) for source in changes] == [(2, 2)]


def test_first_block_raised_and_lowered_again__nothing_is_missing() -> None:
    assert source_changes([FACTORY], [replace(FACTORY, first_block=60)], 90) == []
    assert source_changes([FACTORY], [replace(FACTORY, first_block=5)], 90) == []


def test_other_creator__all_it_may_have_created_is_missing() -> None:
    other = replace(FACTORY, table_name="maker_made", contract="Maker", first_block=3)
    child = replace(CHILD, created_by="Maker.Made.child", first_block=3)
    changes = source_changes([FACTORY, CHILD, other], [FACTORY, child, other], 90)
    assert [(source.missing_from, source.created_by) for source in changes] == [(3, "Maker.Made.child")]


def test_mirror_of_an_older_version__learns_the_new_columns_and_misses_nothing() -> None:
    old = [replace(source, first_block=None, created_by=None) for source in MIRRORED]
    assert source_changes(old, MIRRORED, 90) == MIRRORED


def test_factory_added_while_what_it_creates_is_gone__missing_when_that_comes_back() -> None:
    other = replace(FACTORY, address=b"g", first_block=30)
    gone = replace(CHILD, stopped_at=70)
    changes = source_changes([FACTORY, gone], [FACTORY, other], 90)
    assert missing(changes) == {"factory_made": 30, "child_moved": 30}
    filled = [FACTORY, other, replace(gone, missing_from=30)]
    assert missing(source_changes(filled, [FACTORY, other, CHILD], 95)) == {"child_moved": 30}
