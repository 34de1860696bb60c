"""Which registry belongs to the chain a script is connected to, and asking that chain through ape."""

import os
from pathlib import Path
from typing import Any

from ape.api import ProviderAPI

from listener.chain.registry import Registry, RegistryError, load_registry
from scripts._chain import ChainReader
from scripts._evidence import CannotTellError
from scripts._registry_file import deployments_folder


def asked(provider: ProviderAPI, method: str, params: list[Any]) -> Any:
    """The answer of the provider. Raises CannotTellError."""
    try:
        return provider.make_request(method, params)
    except Exception as error:  # ape raises many kinds, all of them mean: no answer
        raise CannotTellError(f"{method} was not answered: {error}") from error


def find_registry(chain: ChainReader, path: Path | None, name: str) -> Registry:
    """The given registry, or the first known one whose contract stands on the connected chain."""
    file = f"{chain.chain_id}.json"
    folders = [deployments_folder(os.environ), Path("deployments"), Path(".tombola/deployments")]
    candidates = [path] if path else [folder / file for folder in dict.fromkeys(folders)]
    refused = []
    for candidate in candidates:
        try:
            registry = load_registry(candidate)
            address = registry.contract(name).address
        except (RegistryError, LookupError) as error:
            refused.append(str(error))
            continue
        if registry.chain_id == chain.chain_id and chain.has_code(address):
            return registry
        refused.append(f"{candidate}: no {name} at {address} on chain {chain.chain_id}.")
    raise CannotTellError(" ".join(refused))


__all__ = ["asked", "find_registry"]
