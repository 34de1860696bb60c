"""The list that the story's contest commits to."""

from backend.contests import entries_file
from listener.chain.draw.entries import read_entries
from tests.support.processes import ROOT


def committed_list() -> bytes:
    """What its organiser downloads as `entries.csv`."""
    found = read_entries((ROOT / "tests/data/participants-10k.csv").read_bytes()).entries
    rows = ((entry.account, entry.weight) for entry in found)
    return entries_file.header(weighted=False) + entries_file.lines(rows, weighted=False)
