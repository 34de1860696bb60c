"""What must be true before a command works: settings that can be used, a provider and a database that answer.

A fault here is a StartError: one sentence and exit code 2, as in the sender and the keeper.
"""

from pathlib import Path
from typing import Any

import psycopg

from listener.chain.answers import quantity_in
from listener.chain.faults import UnavailableError, WrongChainError
from listener.chain.provider import Provider
from listener.chain.rpc import RpcPool
from listener.options import Options

_PATIENCE = 8.0  # seconds that providers may take to answer at start


class StartError(Exception):
    """What keeps the listener from starting, as one sentence with the remedy."""


def registry_path(options: Options) -> Path:
    """The registry file, which options of commands that need it always have."""
    return options.registry or Path()


def open_pool(options: Options, chain_id: int, patience: float | None) -> RpcPool:
    """The providers; StartError where one has no usable URL."""
    try:
        return RpcPool(options.rpc_urls, chain_id, patience=patience)
    except ValueError as error:
        raise StartError(str(error)) from None


async def check_providers(pool: RpcPool) -> int:
    """Number of the newest block. StartError where no provider answers or each serves another chain."""
    try:
        return await pool.attempt(_newest, patience=_PATIENCE, what="eth_blockNumber")
    except UnavailableError as error:
        raise StartError(f"No RPC provider answers; correct RPC_URLS or start the node. {error}") from None
    except WrongChainError as error:
        raise StartError(str(error)) from None


async def _newest(provider: Provider) -> int:
    return quantity_in(await provider.call("eth_blockNumber", result=str), "eth_blockNumber")


def connect_database(database_url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection in autocommit mode, times in UTC; StartError where there is none to be had."""
    try:
        return psycopg.connect(database_url, autocommit=True, connect_timeout=5, options="-c timezone=UTC")
    except psycopg.Error as error:
        raise unreachable(error) from None


def unreachable(error: psycopg.Error) -> StartError:
    """The sentence for a database that takes no connection."""
    return StartError(
        f"Postgres cannot be reached; start it or correct DATABASE_URL. {' '.join(str(error).split())[:300]}"
    )
