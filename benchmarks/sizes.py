"""Prints how large every deployed contract is: `python -m benchmarks.sizes`."""

from tests.contracts.trees import deployed
from tests.evm.build import Build

LIMIT = 24_576  # bytes of code, EIP-170
CREATION_LIMIT = 49_152  # bytes of creation code, EIP-3860


def sizes() -> dict[str, tuple[int, int]]:
    """Bytes of code and of creation code by contract, the largest first."""
    artifacts = Build().artifacts
    found = {
        name: (len(artifacts[name]["runtime"]) // 2, len(artifacts[name]["code"]) // 2) for name in deployed()
    }
    return dict(sorted(found.items(), key=lambda item: item[1], reverse=True))


def main() -> None:
    print(f"{'contract':24} {'bytes':>7} {'of limit':>9} {'creation':>9}")
    for name, (code, creation) in sizes().items():
        print(f"{name:24} {code:>7,} {code / LIMIT:>9.0%} {creation:>9,}")


if __name__ == "__main__":
    main()
