"""What differs between networks: the VRF coordinator and waiting times. One deploy script serves them all.

VRF v2.5 addresses and key hashes: docs.chain.link/vrf/v2-5/supported-networks. Price feeds: data.chain.link.
drand quicknet's constants: its public `/info` (tests/vectors/drand.json holds a real round of it).
"""

from dataclasses import dataclass

LOCAL_CHAIN_ID = 31337
HOUR = 3_600
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Beacon:
    """A drand chain of scheme bls-unchained-g1-rfc9380; `public_key` of 192 bytes in drand's order (hex)."""

    chain_hash: str
    public_key: str
    genesis_time: int
    period_seconds: int


@dataclass(frozen=True, slots=True)
class GovernanceTimes:
    """Seconds. The contracts refuse less than an hour, a day and a day on live chains."""

    voting_delay: int
    voting_period: int
    vote_extension: int
    timelock_delay: int


@dataclass(frozen=True, slots=True)
class PriceFeed:
    """Chainlink's feed of US dollars per POL. `address` None: its mock is deployed with ours."""

    address: str | None
    max_age: int


@dataclass(frozen=True, slots=True)
class Network:
    """One network. Times in seconds. `coordinator` None: Chainlink's contract is deployed with ours."""

    chain_id: int
    name: str
    coordinator: str | None
    key_hash: str
    callback_gas_limit: int
    request_confirmations: int
    reveal_delay: int
    vrf_margin: int
    refund_delay: int
    price_feed: PriceFeed
    governance: GovernanceTimes


QUICKNET = Beacon(
    chain_hash="52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    public_key=(
        "03cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c"
        "8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb"
        "5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
        "01a714f2edb74119a2f2b0d5a7c75ba902d163700a61bc224ededd8e63aef7be"
        "1aaf8e93d7a9718b047ccddb3eb5d68b0e5db2b6bfbb01c867749cadffca88b3"
        "6c24f3012ba09fc4d3022c5c37dce0f977d3adb5d183c7477c442b1f04515273"
    ),
    genesis_time=1_692_803_367,
    period_seconds=3,
)

_NETWORKS = (
    Network(
        chain_id=137,
        name="Polygon",
        coordinator="0xec0Ed46f36576541C75739E915ADbCb3DE24bD77",
        key_hash="0x719ed7d7664abc3001c18aac8130a2265e1e70b7e036ae20f3ca8b92b3154d86",  # 500 gwei lane
        callback_gas_limit=100_000,
        request_confirmations=3,
        reveal_delay=15 * 60,
        vrf_margin=60,
        refund_delay=7 * DAY,
        price_feed=PriceFeed("0xAB594600376Ec9fD91F8e885dADF0CE036862dE0", HOUR),
        governance=GovernanceTimes(DAY, 5 * DAY, 2 * DAY, 2 * DAY),
    ),
    Network(
        chain_id=80002,
        name="Polygon Amoy",
        coordinator="0x343300b5d84D444B2ADc9116FEF1bED02BE49Cf2",
        key_hash="0x816bedba8a50b294e5cbd47842baf240c2385f2eaf719edbd4f250a137a8c899",  # 500 gwei lane
        callback_gas_limit=100_000,
        request_confirmations=3,
        reveal_delay=15 * 60,
        vrf_margin=60,
        refund_delay=DAY,
        price_feed=PriceFeed("0x001382149eBa3441043c1c66972b4772963f5D43", DAY),
        governance=GovernanceTimes(HOUR, DAY, DAY // 4, DAY),
    ),
    Network(
        chain_id=LOCAL_CHAIN_ID,
        name="Local chain",
        coordinator=None,
        key_hash="0x" + "00" * 32,  # the local oracle's key says
        callback_gas_limit=100_000,
        request_confirmations=1,
        reveal_delay=8,
        vrf_margin=2,
        refund_delay=120,
        price_feed=PriceFeed(None, 366 * DAY),  # the mock answers once
        governance=GovernanceTimes(3, 20, 5, 3),
    ),
)


def network_of(chain_id: int) -> Network:
    """The network's data. Raises LookupError for a chain nobody entered here."""
    for network in _NETWORKS:
        if network.chain_id == chain_id:
            return network
    known = ", ".join(f"{network.chain_id} ({network.name})" for network in _NETWORKS)
    raise LookupError(f"Chain {chain_id} is not in scripts/_networks.py. Known: {known}.")
