"""A browser wallet for the flow test: EIP-1193 and EIP-6963 in the page, anvil's accounts behind it."""

from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import BrowserContext

SCRIPT = Path(__file__).with_name("wallet.js").read_text()
REJECTED = {"error": {"code": 4001, "message": "User rejected the request."}}


class FlowWallet:
    """Answers what a page asks of its wallet. `reject` names methods to refuse as a person would."""

    def __init__(self, rpc_url: str, account: str) -> None:
        self._rpc_url = rpc_url
        self._connected = False
        self.account = account
        self.reject: set[str] = set()

    def install(self, context: BrowserContext) -> None:
        """Make every page of the context see this wallet."""
        context.expose_binding("__walletRequest", self._answer)
        context.add_init_script(SCRIPT)

    def _answer(self, _source: Any, method: str, params: list[Any]) -> dict[str, Any]:
        if method in self.reject:
            return REJECTED
        if method == "eth_requestAccounts":
            self._connected = True
            return {"result": [self.account]}
        if method == "eth_accounts":
            return {"result": [self.account] if self._connected else []}
        if method.startswith("wallet_"):
            return {"error": {"code": 4200, "message": f"{method} is not supported."}}
        answer = httpx.post(
            self._rpc_url, json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, timeout=20
        ).json()
        return {"error": answer["error"]} if "error" in answer else {"result": answer["result"]}
