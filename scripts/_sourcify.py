"""Sourcify's API v2 (docs.sourcify.dev/docs/api): it needs no key, keeps what it verified for everybody, and hands it on.

It finds constructor arguments and what stands behind proxies itself.
"""

import re
import time

from scripts._explorer import Answer, ExplorerError, Pause, RefusedError, Service, Submission

URL = "https://sourcify.dev/server"
EXACT = "exact_match"
"""The metadata's hash included; `match` is without it."""
ALREADY, BEING_VERIFIED = "already_verified", "duplicate_verification_request"
_TICKET = re.compile(r"[0-9a-f-]{36}\Z")


class Sourcify:
    """An `Explorer`."""

    name = "Sourcify"

    def __init__(self, url: str = URL, pause: Pause = time.sleep) -> None:
        self._service = Service(self.name, url, pause=pause)

    def has(self, chain_id: int, address: str) -> bool:
        answer = self._service.ask("GET", f"/v2/contract/{chain_id}/{address}")
        if answer.status == 404 and "match" in answer.body:
            return False
        if answer.status != 200:
            raise self._unusable(answer)
        return bool(answer.body.get("match") == EXACT)

    def submit(self, it: Submission) -> str:
        """Empty where an earlier run has asked already, or it is verified: then only the contract itself can be asked."""
        told = {
            "stdJsonInput": it.source.question,
            "compilerVersion": it.source.version,
            "contractIdentifier": it.source.identifier,
        }
        if it.transaction is not None:
            told["creationTransactionHash"] = it.transaction
        answer = self._service.ask(
            "POST",
            f"/v2/verify/{it.chain_id}/{it.address}",
            json=told,
            busy=lambda answer: answer.is_busy and _code(answer) != BEING_VERIFIED,
        )
        if answer.status == 409 or _code(answer) == BEING_VERIFIED:
            return ""
        if answer.status != 202:
            raise RefusedError(self._service.words(answer.body.get("message", f"HTTP {answer.status}")))
        ticket = str(answer.body.get("verificationId"))
        if not _TICKET.match(ticket):
            raise self._service.nonsense(answer)
        return ticket

    def outcome(self, it: Submission, ticket: str) -> str | None:
        if not ticket:
            return EXACT if self.has(it.chain_id, it.address) else None
        answer = self._service.ask("GET", f"/v2/verify/{ticket}")
        if answer.status != 200 or not isinstance(answer.body.get("isJobCompleted"), bool):
            raise self._unusable(answer)
        if not answer.body["isJobCompleted"]:
            return None
        error, contract = answer.body.get("error") or {}, answer.body.get("contract") or {}
        if not isinstance(error, dict) or not isinstance(contract, dict):
            raise self._service.nonsense(answer)
        match = contract.get("match")
        if match or error.get("customCode") == ALREADY:
            return self._service.words(match or ALREADY)
        raise RefusedError(self._service.words(error.get("message", "no match")))

    def link(self, chain_id: int, proxy: str, implementation: str) -> str | None:
        return None

    def linked(self, chain_id: int, ticket: str) -> bool:
        return True

    def _unusable(self, answer: Answer) -> ExplorerError:
        told = answer.body.get("message")
        if not isinstance(told, str):
            return self._service.nonsense(answer)
        return ExplorerError(f"{self.name} refuses: {self._service.words(told)}")


def _code(answer: Answer) -> object:
    return answer.body.get("customCode")


__all__ = ["URL", "Sourcify"]
