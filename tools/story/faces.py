"""The two public faces the story uses: the HTTP API and the chain's JSON-RPC."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
from eth_typing import ChecksumAddress
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.types import TxReceipt, Wei

from tools.waiting import wait_until

T = TypeVar("T")


class StoryError(Exception):
    """A step of the story did not come out as it should; the message says which and what was answered."""


def until(what: str, read: Callable[[], T | None], seconds: float = 120) -> T:
    """Poll `read` until it gives something; raises StoryError naming `what` after `seconds`."""
    try:
        return wait_until(read, seconds, interval=0.2, what=what)
    except TimeoutError as error:
        raise StoryError(f"The story {error}.") from None


class Api:
    """One person's session with the HTTP API (a bearer token once signed in)."""

    def __init__(self, base_url: str, patience: float = 30) -> None:
        """`patience`: seconds for an answer."""
        self._http = httpx.Client(base_url=f"{base_url}/api/v1", timeout=patience)

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Send one request; the decoded answer, or StoryError with the problem the API named."""
        answer = self._http.request(method, path, **options)
        if answer.is_error:
            raise StoryError(f"{method} {path} answered {answer.status_code}: {answer.text}")
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        return self.request("GET", path)

    def find(self, path: str) -> Any:
        """As `get`, with None for what is not there (yet)."""
        answer = self._http.get(path)
        if answer.status_code == 404:
            return None
        if answer.is_error:
            raise StoryError(f"GET {path} answered {answer.status_code}: {answer.text}")
        return answer.json()

    def register(self, email: str, password: str) -> None:
        """Make the account if it is not there yet."""
        answer = self._http.post("/users", json={"email": email, "password": password})
        if answer.status_code not in (201, 409):
            raise StoryError(f"Registering {email} answered {answer.status_code}: {answer.text}")

    def sign_in(self, email: str, password: str) -> None:
        session = self.request("POST", "/sessions", json={"email": email, "password": password})
        self._http.cookies.clear()
        self._http.headers["authorization"] = f"Bearer {session['access_token']}"

    def wallet_address(self) -> ChecksumAddress:
        return Web3.to_checksum_address(self.get("/wallet")["address"])

    def intend(self, key: str, **body: Any) -> str:
        """Ask for an intent; `key` makes asking twice harmless. Returns the intent's id."""
        return str(self.request("POST", "/intents", json=body, headers=idempotency(key))["id"])

    def settled(self, intent_id: str) -> Any:
        """Wait for the intent's last state; StoryError unless it is `confirmed`."""

        def read() -> Any:
            intent = self.get(f"/intents/{intent_id}")
            return intent if intent["state"] in ("confirmed", "reverted", "rejected", "cancelled") else None

        intent = until(f"intent {intent_id}", read)
        if intent["state"] != "confirmed":
            raise StoryError(
                f"Intent {intent_id} ({intent['kind']}) ended {intent['state']}: {intent['error']}"
            )
        return intent


def idempotency(key: str) -> dict[str, str]:
    """Header of an unsafe request; the same words give the same key in every run."""
    return {"Idempotency-Key": str(uuid.uuid5(uuid.NAMESPACE_URL, f"tombola:story:{key}"))}


def pay(url: str) -> None:
    """Press the button on the page of the stand-in for Stripe; pressed before, nothing more happens."""
    answer = httpx.post(url, data={"card": "ok"}, timeout=30)
    if answer.status_code not in (303, 409):
        raise StoryError(f"Paying on {url} answered {answer.status_code}: {answer.text}")


class Chain:
    """The local chain with its unlocked accounts: what a browser wallet would send, sent the same way."""

    def __init__(self, rpc_url: str, registry: Path) -> None:
        self.w3 = Web3(HTTPProvider(rpc_url))
        self._contracts = dict(json.loads(registry.read_text())["contracts"])
        self.accounts: list[ChecksumAddress] = list(self.w3.eth.accounts)

    def contract(self, name: str, address: str | None = None) -> Contract:
        """A contract of the registry, or another one with the same ABI at `address`."""
        entry = self._contracts[name]
        where = address or entry["address"]
        return self.w3.eth.contract(address=Web3.to_checksum_address(where), abi=entry["abi"])

    def send(self, call: Any, sender: ChecksumAddress, value: int = 0) -> TxReceipt:
        """Send a call from an unlocked account and wait until it is mined; StoryError if it reverted."""
        sent = call.transact({"from": sender, "value": value})
        receipt = self.w3.eth.wait_for_transaction_receipt(sent, timeout=60, poll_latency=0.1)
        if receipt["status"] != 1:
            raise StoryError(f"{call.fn_name} by {sender} reverted in transaction {sent.to_0x_hex()}.")
        return receipt

    def pay(self, sender: ChecksumAddress, to: ChecksumAddress, wei: int) -> None:
        sent = self.w3.eth.send_transaction({"from": sender, "to": to, "value": Wei(wei)})
        self.w3.eth.wait_for_transaction_receipt(sent, timeout=60, poll_latency=0.1)

    def now(self) -> int:
        """Time of the latest block, Unix seconds."""
        return int(self.w3.eth.get_block("latest")["timestamp"])
