"""Prints what every operation costs beside the measured peers: `python -m benchmarks.gas`.

`--write` also rewrites the snapshot that the test of gas compares, `--snapshot` prints from it without measuring.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.peers import NO_TRANSACTION, REASONS, ROWS, Peer, Row

SNAPSHOT = Path(__file__).with_name("gas.json")


def snapshot() -> dict[str, int]:
    """The committed gas of every operation."""
    return {str(name): int(gas) for name, gas in json.loads(SNAPSHOT.read_text()).items()}


def measure() -> dict[str, int]:
    """The scenes on a fresh anvil."""
    import ape

    from benchmarks.gas_scenes import Scenes

    with ape.networks.ethereum.local.use_provider("foundry"):
        return Scenes(ape.project, ape.chain, ape.accounts.test_accounts).measure()


def missed(measured: Mapping[str, int], rows: Mapping[str, Row] = ROWS) -> set[str]:
    """The operations that cost more than their aim."""
    return {name for name, row in rows.items() if name in measured and measured[name] > row.aim}


def beside(peer: Peer, gas: int) -> str:
    """One peer, and how many times our gas it uses."""
    if peer.gas is None:
        return f"{peer.name} ({peer.note})" if peer.note else peer.name
    ratio = f"{peer.gas / gas:.2f}×" if gas else "∞"
    return f"{peer.name} {f'{peer.note} ' if peer.note else ''}{peer.gas:,} ({ratio})"


def lines(measured: Mapping[str, int]) -> Iterator[str]:
    """One line per operation, the peers' rows in their order first; a reason under each aim that is missed."""
    measured = {**measured, **dict.fromkeys(NO_TRANSACTION, 0)}
    over = missed(measured)
    yield f"{'operation':44} {'gas':>9} {'aim':>9}  peers (times ours)"
    for name in [*ROWS, *(name for name in measured if name not in ROWS)]:
        row = ROWS.get(name)
        aim = f"{row.aim:,}" if row else "-"
        if name not in measured:
            yield f"{name:44} {'?':>9} {aim:>9}  not measured"
            continue
        gas = measured[name]
        peers = ", ".join(beside(peer, gas) for peer in (row.peers if row else ()))
        yield f"{name:44} {gas:>9,} {aim:>9}{'!' if name in over else ' '} {peers}".rstrip()
        if name in over:
            yield f"{'':44}   {REASONS.get(name, 'no reason is given')}"


def main() -> None:
    measured = snapshot() if "--snapshot" in sys.argv else measure()
    print("\n".join(lines(measured)))
    if "--write" in sys.argv:
        SNAPSHOT.write_text(json.dumps(measured, indent=2) + "\n")


if __name__ == "__main__":
    main()
