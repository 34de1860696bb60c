"""A stand-in for Sourcify and Etherscan that really verifies: it compiles what it is sent and compares with the chain.

Both protocols in one server, `/sourcify` and `/etherscan`. It is told what to answer instead (`instead`), keeps every
request (`asked`), and says once to each ticket that it is not ready.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from eth_utils.crypto import keccak

from tests.evm.build import BuildError
from tests.support.anvil import Anvil
from tools.mutation.compiler import Solc

KEY = "key-of-a-test-0123456789"
PROXY = "0x4e59b44847b379578588920ca78fbf26c0b4956c"
COMPILER = "0.8.37+commit.f401782d"
Told = tuple[int, Any]
"""Status, and what is sent as JSON (bytes: as they are)."""


@dataclass
class Verifiers:
    """What both services know. Addresses are in lower case."""

    anvil: Anvil
    solc: Solc = field(default_factory=Solc)
    sourcify: dict[str, str] = field(default_factory=dict)
    etherscan: set[str] = field(default_factory=set)
    linked: dict[str, str] = field(default_factory=dict)
    tickets: dict[str, list[Told]] = field(default_factory=dict)
    """What is answered to each, in turn; the last one stays."""
    busy: set[str] = field(default_factory=set)
    """Addresses that Sourcify is verifying already."""
    instead: dict[str, list[Told]] = field(default_factory=lambda: {"sourcify": [], "etherscan": []})
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    _answers: dict[str, Any] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        return {"SOURCIFY_URL": f"{self.url}/sourcify", "ETHERSCAN_URL": f"{self.url}/etherscan"}

    @property
    def posts(self) -> list[str]:
        return [path for method, path in self.asked if method == "POST"]

    # Sourcify

    def verified(self, address: str) -> Told:
        match = self.sourcify.get(address)
        return (200, {"match": match, "address": address}) if match else (404, {"match": None})

    def verify(self, address: str, wish: dict[str, Any]) -> Told:
        if self.busy.intersection({address}):
            self.busy.remove(address)
            self.sourcify[address] = "exact_match"
            return 429, {
                "customCode": "duplicate_verification_request",
                "message": "is already being verified",
            }
        if self.sourcify.get(address) == "exact_match":
            return 409, {"customCode": "already_verified", "message": "is already verified"}
        assert wish["compilerVersion"] == COMPILER
        sent = wish.get("creationTransactionHash")
        made = self._made.get(address)
        assert (sent is None) == (made is None)
        told = self._compared(address, wish["stdJsonInput"], wish["contractIdentifier"], made, None)
        result: dict[str, Any] = {"contract": {"match": None}, "isJobCompleted": True}
        if told:
            result["error"] = {"customCode": "no_match", "message": told}
        else:
            self.sourcify[address] = "exact_match"
            result["contract"] = {"match": "exact_match"}
        ticket = str(uuid4())
        self.tickets[ticket] = [(200, {"isJobCompleted": False, "verificationId": ticket}), (200, result)]
        return 202, {"verificationId": ticket}

    # Etherscan

    def etherscan_api(self, asked: dict[str, str]) -> Told:
        assert (asked["chainid"], asked["module"]) == ("31337", "contract")
        if asked["apikey"] != KEY:
            return _no(f"Invalid API Key ({asked['apikey']})")
        return getattr(self, f"_{asked['action']}")(asked)  # type: ignore[no-any-return]

    def _getsourcecode(self, asked: dict[str, str]) -> Told:
        address = asked["address"].lower()
        source = "{...}" if address in self.etherscan else ""
        runs = self.linked.get(address, "")
        return _ok([{"SourceCode": source, "Proxy": "1" if runs else "0", "Implementation": runs}])

    def _verifysourcecode(self, asked: dict[str, str]) -> Told:
        address = asked["contractaddress"].lower()
        if address in self.etherscan:
            return _no("Contract source code already verified")
        assert asked["codeformat"] == "solidity-standard-json-input"
        assert asked["compilerversion"] == f"v{COMPILER}"
        arguments = bytes.fromhex(asked["constructorArguements"])
        source = json.loads(asked["sourceCode"])
        made = self._made.get(address)
        told = self._compared(address, source, asked["contractname"], made, arguments)
        if not told:
            self.etherscan.add(address)
        return self._ticket(_no("Fail - Unable to verify") if told else _ok("Pass - Verified"))

    def _verifyproxycontract(self, asked: dict[str, str]) -> Told:
        proxy, runs = asked["address"].lower(), asked["expectedimplementation"].lower()
        if proxy not in self.etherscan:
            return self._ticket(_no(f"The proxy contract at {proxy} does not seem to be verified."))
        self.linked[proxy] = runs
        return self._ticket(_ok(f"The proxy's ({proxy}) implementation contract is found at {runs}."))

    def _checkverifystatus(self, asked: dict[str, str]) -> Told:
        return self.next(asked["guid"])

    _checkproxyverification = _checkverifystatus

    def _ticket(self, told: Told) -> Told:
        ticket = str(uuid4())
        self.tickets[ticket] = [_no("Pending in queue"), told]
        return _ok(ticket)

    def next(self, ticket: str) -> Told:
        told = self.tickets[ticket]
        return told.pop(0) if len(told) > 1 else told[0]

    # The verification

    def _compared(
        self,
        address: str,
        question: dict[str, Any],
        contract: str,
        made: bytes | None,
        arguments: bytes | None,
    ) -> str:
        """What is wrong; empty where it is that contract. Without `arguments` any may follow the code."""
        path, name = contract.rsplit(":", 1)
        try:
            evm = self._compiled(question)[path][name]["evm"]
        except BuildError as error:
            return str(error)
        live = bytearray.fromhex(self.anvil.call("eth_getCode", address, "latest")[2:])
        for places in evm["deployedBytecode"]["immutableReferences"].values():
            for place in places:
                live[place["start"] : place["start"] + place["length"]] = bytes(place["length"])
        creation = bytes.fromhex(evm["bytecode"]["object"])
        if live != bytes.fromhex(evm["deployedBytecode"]["object"]):
            return "The deployed and recompiled bytecode don't match."
        if made is not None and not made.startswith(creation):
            return "The creation code does not match."
        if made is not None and arguments is not None and made != creation + arguments:
            return "The constructor's arguments do not match."
        return ""

    def _compiled(self, question: dict[str, Any]) -> Any:
        key = json.dumps(question, sort_keys=True)
        if key not in self._answers:
            self._answers[key] = self.solc.ask(question)["contracts"]
        return self._answers[key]

    @cached_property
    def _made(self) -> dict[str, bytes]:
        """What the deployment proxy made, with which code and arguments."""
        found = {}
        for number in range(self.anvil.rpc.block_number + 1):
            for sent in self.anvil.call("eth_getBlockByNumber", hex(number), True)["transactions"]:
                if sent["to"] == PROXY:
                    data = bytes.fromhex(sent["input"][2:])
                    salt, code = data[:32], data[32:]
                    found[
                        "0x" + keccak(b"\xff" + bytes.fromhex(PROXY[2:]) + salt + keccak(code))[12:].hex()
                    ] = code
        return found


def _ok(result: Any) -> Told:
    return 200, {"status": "1", "message": "OK", "result": result}


def _no(result: str) -> Told:
    return 200, {"status": "0", "message": "NOTOK", "result": result}


@contextmanager
def verifiers(anvil: Anvil) -> Iterator[Verifiers]:
    """The server, until the end."""
    made = Verifiers(anvil)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["content-length"])).decode())

        def _answer(self, sent: str) -> None:
            made.asked.append((self.command, self.path))
            instead = made.instead[self.path.strip("/").split("?")[0].split("/")[0]]
            status, told = instead.pop(0) if instead else self._told(sent)
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.send_header("retry-after", "0")
            self.end_headers()
            self.wfile.write(body)

        def _told(self, sent: str) -> Told:
            url = urlsplit(self.path)
            parts = url.path.strip("/").split("/")
            if parts[0] == "etherscan":
                fields = {key: values[0] for key, values in parse_qs(f"{url.query}&{sent}", True).items()}
                return made.etherscan_api(fields)
            if parts[1:3] == ["v2", "contract"]:
                return made.verified(parts[4].lower())
            if self.command == "POST":
                return made.verify(parts[4].lower(), json.loads(sent))
            return made.next(parts[3])

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        made.solc.close()


__all__ = ["KEY", "Told", "Verifiers", "verifiers"]
