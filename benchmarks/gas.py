"""Prints what every operation costs beside the measured peers: `python benchmarks/gas.py`.

`--write` also rewrites the snapshot that tests/contracts/test_gas.py compares.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
SNAPSHOT = ROOT / "tests" / "contracts" / "gas.json"

# Name of each peer and its gas. We measured them ourselves: those projects' published versions, deployed on an
# anvil chain (prague rules), the same operation sent, the gas of its receipt.
PEERS: dict[str, list[tuple[str, int]]] = {
    "token: create, first of a creator": [("thirdweb", 661_290), ("OZ full clone", 359_451)],
    "token: create, later": [("thirdweb", 661_290), ("OZ full clone", 359_451)],
    "token: transfer to a holder": [("thirdweb clone", 46_637), ("OZ full clone", 44_000)],
    "vesting: plan with one grant": [("Sablier", 284_403), ("OZ clone", 177_813)],
    "vesting: grant, each of a batch of 100": [("Sablier", 213_099), ("OZ wallet clone", 142_592)],
    "vesting: release, second": [("Sablier", 100_415), ("OZ wallet", 48_397)],
    "raffle: buy 1 with POL, first": [("LooksRare V2", 128_652), ("tutorial", 69_040)],
    "raffle: buy 1 with POL, later": [("LooksRare V2", 96_853), ("tutorial", 51_940)],
    "raffle: buy 100 with POL": [("LooksRare V2", 96_865), ("per-ticket arrays", 2_410_208)],
    "raffle: VRF callback": [("LooksRare V2", 31_938)],
    "raffle: claim, hinted": [("PancakeSwap", 72_219), ("LooksRare V2", 49_844)],
}
AIMS = {
    "token: create, first of a creator": 240_000,
    "token: create, later": 240_000,
    "token: transfer to a holder": 41_000,
    "vesting: plan with one grant": 135_000,
    "vesting: grant, each of a batch of 100": 32_000,
    "vesting: release, second": 56_000,
    "raffle: buy 1 with POL, first": 56_000,
    "raffle: buy 1 with POL, later": 56_000,
    "raffle: buy 100 with POL": 56_000,
    "raffle: VRF callback": 38_000,
    "raffle: finalise with drand": 190_000,
    "raffle: claim, hinted": 65_000,
    "raffle: claim 100 in one transaction": 1_700_000,
    "contest: open, VRF included": 170_000,
    "contest: VRF callback": 40_000,
}


def measure() -> dict[str, int]:
    """The scenes on a fresh anvil."""
    import ape

    from benchmarks.gas_scenes import Scenes

    with ape.networks.ethereum.local.use_provider("foundry"):
        return Scenes(ape.project, ape.chain, ape.accounts.test_accounts).measure()


def table(measured: dict[str, int]) -> str:
    """One line per operation: gas, aim, and how many times as much each peer uses."""
    lines = [f"{'operation':44} {'gas':>9} {'aim':>9}  peers (times ours)"]
    for name, gas in measured.items():
        aim = AIMS.get(name)
        peers = ", ".join(f"{peer} {cost:,} ({cost / gas:.2f})" for peer, cost in PEERS.get(name, []))
        mark = " " if aim is None or gas <= aim else "!"
        lines.append(f"{name:44} {gas:>9,} {f'{aim:,}' if aim else '-':>9}{mark} {peers}".rstrip())
    return "\n".join(lines)


def main() -> None:
    measured = measure()
    print(table(measured))
    if "--write" in sys.argv:
        SNAPSHOT.write_text(json.dumps(measured, indent=2) + "\n")


if __name__ == "__main__":
    main()
