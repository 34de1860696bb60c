"""What a wallet signs behind our back: with its real key, and nothing in the books."""

from __future__ import annotations

from eth_account import Account
from sqlalchemy import text

from backend.wallets.keys import key_context
from tests.backend.world import POL, Person, World


async def signed(
    world: World,
    person: Person,
    nonce: int,
    to: str,
    *,
    value: int = POL,
    data: bytes = b"",
    gas: int = 21_000,
) -> bytes:
    """A transaction with an offer that any node takes."""
    query = "SELECT sealed, version FROM app.wallet_key WHERE wallet_id = :id"
    async with world.services.engine.connect() as db:
        row = (await db.execute(text(query), {"id": person.wallet_id})).one()
    context = key_context(person.wallet_id, person.id, "user", row.version)
    fields = {
        "type": 2,
        "chainId": world.anvil.chain_id,
        "nonce": nonce,
        "gas": gas,
        "maxFeePerGas": 90 * 10**9,
        "maxPriorityFeePerGas": 3 * 10**9,
        "to": to,
        "value": value,
        "data": data,
    }
    key = await world.services.kms.open(row.sealed, context)
    return bytes(Account.sign_transaction(fields, key).raw_transaction)
