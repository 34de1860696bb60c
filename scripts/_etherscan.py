"""Etherscan's API V2 (docs.etherscan.io/api-reference): one address and one key for all its explorers, Polygonscan's too."""

import time
from typing import Any

from scripts._explorer import Answer, ExplorerError, Pause, RefusedError, Service, Submission

URL = "https://api.etherscan.io/v2/api"
VERIFIED = ("Pass - Verified", "Already Verified")
ALREADY = "Contract source code already verified"
WAITING = ("Pending in queue", "In progress")
LATER = ("rate limit", "unable to locate contractcode", "not a smart contract", "not a smart-contract")
"""Said with HTTP 200: too many questions, or a contract so new that its index does not have it."""
NEVER = ("api key", "daily limit")


class Etherscan:
    """An `Explorer`."""

    name = "Etherscan"

    def __init__(self, key: str, url: str = URL, pause: Pause = time.sleep) -> None:
        self._service = Service(self.name, url, secret=key, pause=pause)
        self._key = key

    def has(self, chain_id: int, address: str) -> bool:
        return bool(self._known(chain_id, address).get("SourceCode"))

    def submit(self, it: Submission) -> str:
        arguments = it.arguments.hex()
        answer = self._post(
            it.chain_id,
            "verifysourcecode",
            contractaddress=it.address,
            codeformat="solidity-standard-json-input",
            sourceCode=it.source.json,
            contractname=it.source.identifier,
            compilerversion=f"v{it.source.version}",
            constructorArguements=arguments,  # as its API was always misspelt
            constructorArguments=arguments,
        )
        told = str(answer.body.get("result", ""))
        return "" if told.startswith(ALREADY) else self._ticket(answer)

    def outcome(self, it: Submission, ticket: str) -> str | None:
        if not ticket:
            return VERIFIED[1]
        return self._told(self._get(it.chain_id, "checkverifystatus", guid=ticket), VERIFIED)

    def link(self, chain_id: int, proxy: str, implementation: str) -> str | None:
        known = self._known(chain_id, proxy)
        if known.get("Proxy") == "1" and str(known.get("Implementation")).lower() == implementation.lower():
            return None
        fields = {"address": proxy, "expectedimplementation": implementation}
        return self._ticket(self._post(chain_id, "verifyproxycontract", **fields))

    def linked(self, chain_id: int, ticket: str) -> bool:
        answer = self._get(chain_id, "checkproxyverification", guid=ticket)
        return answer.body.get("status") == "1" or self._told(answer, ()) is not None

    def _known(self, chain_id: int, address: str) -> dict[str, Any]:
        """What it tells of an address; "SourceCode" is empty where nothing was verified."""
        answer = self._get(chain_id, "getsourcecode", address=address)
        found = answer.body.get("result")
        if isinstance(found, list) and len(found) == 1 and isinstance(found[0], dict):
            return found[0]
        if answer.body.get("status") == "0":
            raise ExplorerError(f"{self.name} refuses: {self._service.words(found)}")
        raise self._service.nonsense(answer)

    def _ticket(self, answer: Answer) -> str:
        told = answer.body.get("result")
        if not isinstance(told, str) or not told:
            raise self._service.nonsense(answer)
        if answer.body.get("status") == "1":
            return told
        self._give_up(told)
        raise RefusedError(self._service.words(told))

    def _told(self, answer: Answer, good: tuple[str, ...]) -> str | None:
        told = answer.body.get("result")
        if not isinstance(told, str):
            raise self._service.nonsense(answer)
        if told.startswith(WAITING):
            return None
        if told in good:
            return told
        self._give_up(told)
        raise RefusedError(self._service.words(told))

    def _give_up(self, told: str) -> None:
        if any(word in told.lower() for word in NEVER):
            raise ExplorerError(f"{self.name} refuses: {self._service.words(told)}")

    def _get(self, chain_id: int, action: str, **fields: str) -> Answer:
        asked = {**self._about(chain_id, action), **fields, "apikey": self._key}
        return self._service.ask("GET", params=asked, busy=_busy)

    def _post(self, chain_id: int, action: str, **fields: str) -> Answer:
        query = self._about(chain_id, action)
        return self._service.ask(
            "POST", params=query, data={**query, **fields, "apikey": self._key}, busy=_busy
        )

    def _about(self, chain_id: int, action: str) -> dict[str, str]:
        return {"chainid": str(chain_id), "module": "contract", "action": action}


def _busy(answer: Answer) -> bool:
    told = str(answer.body.get("result", "")).lower()
    return answer.is_busy or (answer.body.get("status") == "0" and any(word in told for word in LATER))


__all__ = ["URL", "Etherscan"]
