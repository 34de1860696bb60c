"""Which services are meant, and the verification at the end of a deployment."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ape.api import ProviderAPI
from ape.managers.project import LocalProject

from listener.chain.registry import parse_registry
from scripts import _etherscan, _sourcify
from scripts._chain import ChainReader
from scripts._explorer import Explorer, ExplorerError
from scripts._find_registry import asked
from scripts._sending import is_development_node
from scripts._verifying import Verifying, paths_of

SERVICES = ("sourcify", "etherscan")


def explorers_of(
    env: Mapping[str, str], chosen: Sequence[str] = (), *, development: bool = False
) -> list[Explorer]:
    """Those chosen; else Sourcify, and Etherscan where there is a key. Raises ExplorerError."""
    key = env.get("ETHERSCAN_API_KEY", "")
    names = chosen or SERVICES[: 2 if key else 1]
    if "etherscan" in names and not key:
        raise ExplorerError("ETHERSCAN_API_KEY is missing: every account of etherscan.io may make one.")
    found: list[Explorer] = []
    for name in names:
        url = env.get(f"{name.upper()}_URL")
        if development and not url:
            raise ExplorerError(
                f"No public service sees a development chain; {name.upper()}_URL names one that does."
            )
        made = _sourcify.Sourcify(url or _sourcify.URL) if name == "sourcify" else None
        found.append(made or _etherscan.Etherscan(key, url or _etherscan.URL))
    return found


def verify_deployment(
    provider: ProviderAPI, project: LocalProject, document: dict[str, Any], say: Callable[[str], None]
) -> None:
    """What is wrong is said and raises nothing: the deployment before it stands."""
    try:
        explorers = explorers_of(os.environ, development=is_development_node(provider))
        chain = ChainReader(lambda method, params: asked(provider, method, params))
        verifying = Verifying(chain, parse_registry(document), paths_of(project), explorers, say)
        verifying.run()
        missing = [*verifying.failed, *verifying.unanswered]
    except Exception as error:  # whatever it is
        missing = [str(error)]
    if missing:
        say(f"The deployment is complete, but its sources are not all verified: {', '.join(missing)}")
        say("Verify them later: ape run verify_source --network …")


__all__ = ["SERVICES", "explorers_of", "verify_deployment"]
