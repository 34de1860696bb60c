"""GET /config: the deployment's public facts."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from backend.caching.reads import tagged
from backend.routing import Router
from backend.services import ServicesDep
from listener.chain.settings import chain_settings

router = Router(tags=["config"])


class ContractOut(BaseModel):
    """Where a contract is, and the first block that can hold its events."""

    address: str = Field(examples=["0x5FbDB2315678afecb367f032d93F642f64180aa3"])
    first_block: int = Field(examples=[12])


class CurrencyOut(BaseModel):
    """The chain's own currency."""

    symbol: str = Field(examples=["POL"])
    decimals: int = Field(examples=[18])


class DrandOut(BaseModel):
    """The drand beacon that decides draws."""

    model_config = ConfigDict(extra="allow")

    chain_hash: str | None = None
    public_key: str | None = None
    genesis_time: int | None = None
    period_seconds: int | None = None


class ConfigOut(BaseModel):
    """Everything a browser needs to talk to the chain by itself."""

    chain_id: int = Field(examples=[31337])
    chain_name: str = Field(examples=["Local chain"])
    rpc_url: str = Field(examples=["http://127.0.0.1:8545"])
    local_wallet: bool = Field(description="Whether the local chain's unlocked accounts may be offered")
    explorer_url: str | None
    contracts: dict[str, ContractOut]
    currency: CurrencyOut
    drand: DrandOut


@router.get("/config", summary="This deployment's public facts")
@tagged
async def read_config(services: ServicesDep) -> ConfigOut:
    """Chain, contracts, currency and beacon."""
    registry, settings = services.contracts.registry, services.settings
    chain = chain_settings(registry.chain_id)
    drand: dict[str, Any] = dict(registry.extra.get("drand") or {})
    return ConfigOut(
        chain_id=registry.chain_id,
        chain_name=chain.name,
        rpc_url=settings.public_rpc_url,
        local_wallet=settings.local_wallet and chain.is_local,
        explorer_url=chain.explorer_url,
        contracts={
            name: ContractOut(address=contract.addresses[0], first_block=contract.first_block)
            for name, contract in registry.contracts.items()
            if len(contract.addresses) == 1
        },
        currency=CurrencyOut(symbol=chain.currency_symbol, decimals=chain.currency_decimals),
        drand=DrandOut.model_validate(drand),
    )
