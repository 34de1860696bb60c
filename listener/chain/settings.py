"""Facts about the chains Tombola knows: names, currency, finality where the chain has no `finalized` tag."""

from dataclasses import dataclass

LOCAL_CHAIN_ID = 31337


@dataclass(frozen=True)
class ChainSettings:
    """One chain. `finality_depth` is in blocks and only used where the chain has no `finalized` tag."""

    chain_id: int
    name: str
    currency_symbol: str
    currency_decimals: int
    block_seconds: float
    finality_depth: int
    explorer_url: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether this is the development chain of `make run`."""
        return self.chain_id == LOCAL_CHAIN_ID


_KNOWN = {
    chain.chain_id: chain
    for chain in (
        ChainSettings(137, "Polygon", "POL", 18, 2.0, 256, "https://polygonscan.com"),
        ChainSettings(80002, "Polygon Amoy", "POL", 18, 2.0, 256, "https://amoy.polygonscan.com"),
        ChainSettings(LOCAL_CHAIN_ID, "Local chain", "POL", 18, 1.0, 64),
    )
}


def chain_settings(chain_id: int) -> ChainSettings:
    """Return what is known of `chain_id`; a chain we do not know gets careful defaults."""
    return _KNOWN.get(chain_id) or ChainSettings(chain_id, f"Chain {chain_id}", "ETH", 18, 2.0, 256)
