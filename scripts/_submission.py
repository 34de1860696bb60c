"""What is sent for a contract, once it is certain here that it compiles to what stands on chain.

Runtime code is compared byte for byte, the metadata's hash included, but for immutable variables; creation code too, where
the record names the transaction that made the contract. What follows that code there are the constructor's arguments.
"""

from scripts._chain import ChainReader
from scripts._code_checks import Place, masked
from scripts._creation import PROXY, made_at
from scripts._explorer import Submission
from scripts._sources import Source

CLONE_HEAD, CLONE_TAIL = (
    bytes.fromhex("363d3d373d3d3d363d73"),
    bytes.fromhex("5af43d82803e903d91602b57fd5bf3"),
)
"""Around the template's address in a clone's code (ERC-1167)."""
SALT_BYTES = 32


class DiffersError(Exception):
    """What stands on chain is not what this checkout compiles to."""


def submission_of(chain: ChainReader, place: Place, source: Source) -> Submission:
    """Raises DiffersError, and SourceError for what does not compile."""
    live = chain.code(place.address)
    if not live:
        raise DiffersError("nothing stands there")
    creation, runtime = source.code
    found = masked(live, runtime)
    if found != runtime:
        only = " in nothing but the hash of sources and settings" * (_bare(found) == _bare(runtime))
        raise DiffersError(
            f"its code is not that of {source.identifier} here{only}; check out what was deployed"
        )
    transaction = place.made.get("transaction_hash")
    arguments = b"" if transaction is None else _arguments(chain, place.address, str(transaction), creation)
    return Submission(chain.chain_id, place.address, source, arguments, transaction)


def template_of(code: bytes) -> str | None:
    """What a clone runs, as hex in lower case; None for what is no clone."""
    address = code[len(CLONE_HEAD) : len(CLONE_HEAD) + 20]
    whole = code.startswith(CLONE_HEAD + address + CLONE_TAIL) and len(address) == 20
    return "0x" + address.hex() if whole else None


def _arguments(chain: ChainReader, address: str, transaction: str, creation: bytes) -> bytes:
    to, data = chain.call_of(transaction)
    if not data:
        raise DiffersError(f"the node does not give transaction {transaction}, which is to have made it")
    if to == PROXY:
        salt, data = data[:SALT_BYTES], data[SALT_BYTES:]
        made = made_at(salt, data)
    else:
        made = chain.made_by(transaction)
    if made != address:
        raise DiffersError(f"transaction {transaction} did not make it")
    if not data.startswith(creation):
        raise DiffersError(f"transaction {transaction} made it of other code")
    return data[len(creation) :]


def _bare(code: bytes) -> bytes:
    """Without what the compiler writes behind it, whose length stands at the very end."""
    return code[: -2 - int.from_bytes(code[-2:])]


__all__ = ["DiffersError", "submission_of", "template_of"]
