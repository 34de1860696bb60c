"""A browser wallet for the flow test: EIP-1193 and EIP-6963 in the page, anvil's accounts behind it."""

from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import BrowserContext, Page

SCRIPT = Path(__file__).with_name("wallet.js").read_text()
REJECTED = {"error": {"code": 4001, "message": "User rejected the request."}}
LEAST_BID = 10**9
"""Paid beyond twice the first fee by a transaction that replaces another, in wei for each gas."""


class FlowWallet:
    """Answers what a page asks of its wallet, and does what people do with theirs.

    `reject` names methods to refuse as a person would.
    """

    def __init__(self, rpc_url: str, account: str) -> None:
        self._rpc_url = rpc_url
        self._connected = False
        self.account = account
        self.chain_id = 31337
        self.reject: set[str] = set()
        self.sent: list[str] = []
        """Hashes given to pages, oldest first."""

    def install(self, context: BrowserContext) -> None:
        """Make every page of the context see this wallet."""
        context.expose_binding("__walletRequest", self._answer)
        context.add_init_script(SCRIPT)

    def change_account(self, page: Page, account: str) -> None:
        """Choose another account in the wallet, and tell the page as wallets do."""
        self.account = account
        page.evaluate("account => window.__walletEmit('accountsChanged', [account])", account)

    def change_chain(self, page: Page, chain_id: int) -> None:
        """Move the wallet to another network, and tell the page."""
        self.chain_id = chain_id
        page.evaluate("id => window.__walletEmit('chainChanged', id)", hex(chain_id))

    def speed_up(self) -> str:
        """Send the last transaction, still waiting, once more with a higher fee: only this one is mined."""
        first = self._last()
        return self._outbid(first, {name: first[name] for name in ("to", "value", "input", "gas")})

    def cancel(self) -> str:
        """Take the last transaction, still waiting, back: pay nothing to oneself under its number."""
        return self._outbid(self._last(), {"to": self.account, "value": "0x0"})

    def replace(self, other: dict[str, str]) -> str:
        """Send something else under the number of the last transaction, still waiting."""
        return self._outbid(self._last(), other)

    def drop(self) -> dict[str, Any]:
        """Have the node forget the last transaction, still waiting; what it was."""
        dropped = self._last()
        assert self._forward("anvil_dropTransaction", [dropped["hash"]])["result"] == dropped["hash"]
        return dropped

    def send_by_itself(self, dropped: dict[str, Any]) -> None:
        """Give the node a transaction again that it forgot, as it was: wallets do so when they wake up."""
        names = ("from", "to", "value", "input", "nonce", "gas", "maxFeePerGas", "maxPriorityFeePerGas")
        answer = self._forward("eth_sendTransaction", [{name: dropped[name] for name in names}])
        assert answer["result"] == dropped["hash"], "the very same, to the last bit of its signature"

    def _last(self) -> dict[str, Any]:
        return dict(self._forward("eth_getTransactionByHash", [self.sent[-1]])["result"])

    def _outbid(self, first: dict[str, Any], other: dict[str, Any]) -> str:
        """Send the other one under the number of the first, for a higher fee; it counts as the last sent."""
        bid = 2 * int(first.get("maxFeePerGas") or first["gasPrice"], 16) + LEAST_BID
        fees = {"maxFeePerGas": hex(bid), "maxPriorityFeePerGas": hex(bid)}
        same = {name: first[name] for name in ("from", "nonce")}
        self.sent.append(self._forward("eth_sendTransaction", [same | other | fees])["result"])
        return self.sent[-1]

    def _answer(self, _source: Any, method: str, params: list[Any]) -> dict[str, Any]:
        if method in self.reject:
            return REJECTED
        if method == "eth_requestAccounts":
            self._connected = True
            return {"result": [self.account]}
        if method == "eth_accounts":
            return {"result": [self.account] if self._connected else []}
        if method == "eth_chainId":
            return {"result": hex(self.chain_id)}
        if method == "wallet_switchEthereumChain":
            self.chain_id = int(params[0]["chainId"], 16)
            return {"result": None}
        if method.startswith("wallet_"):
            return {"error": {"code": 4200, "message": f"{method} is not supported."}}
        answer = self._forward(method, params)
        if method == "eth_sendTransaction" and "result" in answer:
            self.sent.append(answer["result"])
        return answer

    def _forward(self, method: str, params: list[Any]) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = httpx.post(self._rpc_url, json=body, timeout=20).json()
        return {"error": answer["error"]} if "error" in answer else {"result": answer["result"]}
