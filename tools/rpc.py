"""A plain JSON-RPC client for tools and tests: one request, one answer, standard library only."""

import json
import urllib.error
import urllib.request
from typing import Any


class RpcError(Exception):
    """The node answered with an error, or did not answer."""

    def __init__(self, url: str, method: str, reason: str) -> None:
        super().__init__(f"{method} at {url}: {reason}")


class Rpc:
    """JSON-RPC over HTTP. Quantities of the protocol stay hex strings; `quantity` reads them as int."""

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        self.url = url
        self.timeout = timeout

    def call(self, method: str, *params: Any) -> Any:
        """Return `result`. Raises RpcError on an error, on broken JSON and when no answer comes in time."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
        request = urllib.request.Request(  # noqa: S310 - the URL comes from our own settings
            self.url, data=body.encode(), headers={"content-type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as response:  # noqa: S310
                answer = json.load(response)
        except (OSError, ValueError) as error:
            raise RpcError(self.url, method, str(error)) from error
        if "error" in answer:
            raise RpcError(self.url, method, str(answer["error"].get("message", answer["error"])))
        return answer["result"]

    def quantity(self, method: str, *params: Any) -> int:
        """Like `call`, for answers that are hex quantities."""
        return int(self.call(method, *params), 16)

    @property
    def answers(self) -> bool:
        """Whether the node answers at all."""
        try:
            self.call("eth_chainId")
        except RpcError:
            return False
        return True

    @property
    def block_number(self) -> int:
        return self.quantity("eth_blockNumber")

    def mine(self, blocks: int = 1, seconds_between: int = 1) -> None:
        """Mine `blocks` blocks at once (anvil only)."""
        self.call("anvil_mine", hex(blocks), hex(seconds_between))
