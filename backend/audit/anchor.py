"""The head of the log that stands on chain: a copy that nobody who can write to the database can change.

Asked of the chain itself, not of the mirror, which lies in the same database as the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.backing import topics
from backend.chain import ChainUnavailable, ContractRefused, view
from backend.hexes import to_hex
from backend.services import Services
from listener.chain.abi import compile_decoder
from listener.chain.faults import RpcError

CONTRACT, EVENT = "Attestations", "Attested"
PATIENCE = 10.0


class NoAnchorError(Exception):
    """There is no head on chain to compare with; says why."""


@dataclass(frozen=True)
class Anchor:
    """The last head that was published, and the transaction that did it."""

    position: int
    head: bytes
    transaction: str


async def anchor(services: Services) -> Anchor:
    """The newest head on chain. Raises NoAnchorError."""
    try:
        contract = services.contracts.registry.contract(CONTRACT)
        last: Any = await view(services.rpc, services.contracts, CONTRACT, "lastOf", [topics.AUDIT])
        snapshot, published = int(last[0]), int(last[1])
        if not published:
            raise NoAnchorError("no head was published yet")
        event = next(one for one in contract.events if one.name == EVENT)
        wanted = [to_hex(event.topic0), to_hex(topics.AUDIT), f"0x{snapshot:064x}"]
        query = {
            "address": contract.address,
            "topics": wanted,
            "fromBlock": hex(published),
            "toBlock": hex(published),
        }
        logs = await services.rpc.call("eth_getLogs", [query], result=list, patience=PATIENCE)
    except (LookupError, ChainUnavailable, ContractRefused, RpcError) as error:
        raise NoAnchorError(str(error)) from None
    if len(logs) != 1:
        raise NoAnchorError(f"block {published} shows {len(logs)} publications of block {snapshot}, not one")
    values = compile_decoder(event)(logs[0]["topics"], logs[0]["data"])
    said = dict(zip((argument.name for argument in event.arguments), values, strict=True))
    return Anchor(int(said["total"]), bytes(said["root"]), str(logs[0]["transactionHash"]))
