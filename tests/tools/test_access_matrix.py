"""The page of who may do what says what the API enforces."""

from tests.backend.reads.test_every_id_every_role import OPEN
from tools.access_matrix import PAGE, PUBLIC, page


def test_page__is_what_the_table_gives_now() -> None:
    assert PAGE.read_text() == page(), "docs/access.md is stale: run `python -m tools.access_matrix`"


def test_public_identifiers__are_those_the_matrix_test_leaves_open() -> None:
    assert PUBLIC.keys() == OPEN
