"""Compiles contracts/ with the pinned solc, straight from sources: only what changed, all of it in one run.

A source is up to date while its closure (itself and all that it imports), the compiler and the settings are. Results
are kept by that hash in `.build/evm`, one file for each source, so changing back costs nothing. Settings and remappings
are those of ape-config.yaml.
"""

import json
import re
import subprocess
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from tools.chainlink import coordinator

ROOT = Path(__file__).resolve().parents[2]
_IMPORT = re.compile(r"""\bimport\b[^;"']*["']([^"']+)["']""")
_KEPT = 400  # results on disk; the oldest go

Artifact = dict[str, Any]


class BuildError(Exception):
    """A contract that does not compile, an import that is not there, or a name that means nothing."""


class Build:
    """The contracts of one folder of sources, by name: `Build()["Raffle"]` has `abi`, `code`, `runtime`, `source`."""

    def __init__(self, root: Path = ROOT, folder: str = "contracts", cache: Path | None = None) -> None:
        self.root = root
        self.folder = folder
        self.cache = cache or root / ".build" / "evm"
        self._texts: dict[str, str] = {}
        self._imports: dict[str, list[str]] = {}
        self.compiled: list[str] = []

    def __getitem__(self, name: str) -> Artifact:
        try:
            return self.artifacts[name]
        except KeyError:
            raise BuildError(f"There is no contract {name} in {self.folder}/.") from None

    @cached_property
    def artifacts(self) -> dict[str, Artifact]:
        """Every contract, interface and library; compiles what is stale."""
        sources = sorted(path.relative_to(self.root).as_posix() for path in self._sources())
        files = {source: self.cache / self._cache_name(source) for source in sources}
        self.compiled = [source for source, file in files.items() if not file.exists()]
        if self.compiled:
            self._compile(files)
        found: dict[str, Artifact] = {}
        for source, file in files.items():
            for name, artifact in json.loads(file.read_text()).items():
                if name in found:
                    raise BuildError(f"{name} is in {found[name]['source']} and in {source}.")
                found[name] = artifact
        return (self._foreign() if self.root == ROOT else {}) | found

    def _foreign(self) -> dict[str, Artifact]:
        """What is deployed with ours and pins a compiler of its own."""
        theirs = coordinator()
        made = {"abi": theirs.abi, "code": theirs.bytecode.hex(), "runtime": "", "source": "@chainlink"}
        return {theirs.name: made}

    @cached_property
    def settings(self) -> dict[str, Any]:
        """What solc is told, apart from the output that is wanted."""
        config = self._config
        return {
            "optimizer": {"enabled": config["optimize"], "runs": config["optimization_runs"]},
            "evmVersion": config["evm_version"],
            "remappings": sorted(config["import_remapping"]),
        }

    @cached_property
    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = yaml.safe_load((self.root / "ape-config.yaml").read_text())["solidity"]
        return config

    @property
    def _compiler(self) -> Path:
        return self.root / "tools" / "solcx" / f"solc-v{self._config['version']}"

    def _sources(self) -> list[Path]:
        return [p for p in (self.root / self.folder).rglob("*.sol") if ".cache" not in p.parts]

    def _cache_name(self, source: str) -> str:
        digest = sha256(json.dumps([self._config["version"], self.settings], sort_keys=True).encode())
        for name in sorted(self._closure(source)):
            digest.update(f"{name}\0{self._text(name)}\0".encode())
        return f"{Path(source).stem}-{digest.hexdigest()[:32]}.json"

    def _closure(self, source: str) -> set[str]:
        seen, open_ends = {source}, [source]
        while open_ends:
            fresh = set(self._imports_of(open_ends.pop())) - seen
            seen |= fresh
            open_ends += fresh
        return seen

    def _imports_of(self, source: str) -> list[str]:
        if source not in self._imports:
            paths = (self._resolve(source, name) for name in _IMPORT.findall(self._text(source)))
            self._imports[source] = [path for path in paths if (self.root / path).is_file()]
        return self._imports[source]

    def _resolve(self, source: str, imported: str) -> str:
        """solc's rules: relative to the importing file, or by the longest remapping."""
        if imported.startswith("."):
            path = (self.root / source).parent / imported
            return Path(_normal(path)).relative_to(_normal(self.root)).as_posix()
        pairs = [remapping.split("=", 1) for remapping in self.settings["remappings"]]
        fitting = [(len(prefix), prefix, target) for prefix, target in pairs if imported.startswith(prefix)]
        if not fitting:
            return imported
        _, prefix, target = max(fitting)
        return target + imported[len(prefix) :]

    def _text(self, source: str) -> str:
        if source not in self._texts:
            self._texts[source] = (self.root / source).read_text()
        return self._texts[source]

    def _compile(self, files: dict[str, Path]) -> None:
        wanted = {
            source: {"*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]}
            for source in self.compiled
        }
        closure = set().union(*(self._closure(source) for source in self.compiled))
        output = self._solc(
            {
                "language": "Solidity",
                "sources": {source: {"content": self._text(source)} for source in sorted(closure)},
                "settings": self.settings | {"outputSelection": wanted},
            }
        )
        self.cache.mkdir(parents=True, exist_ok=True)
        for source in self.compiled:
            contracts = output.get("contracts", {}).get(source, {})
            artifacts = {name: _artifact(source, contract) for name, contract in contracts.items()}
            # Two processes may compile the same: each writes a file of its own, the last one stays.
            draft = files[source].with_suffix(f".{sha256(str(id(self)).encode()).hexdigest()[:8]}")
            draft.write_text(json.dumps(artifacts))
            draft.replace(files[source])
        self._forget_oldest(set(files.values()))

    def _solc(self, question: dict[str, Any]) -> dict[str, Any]:
        done = subprocess.run(
            ["node", self._compiler, "--standard-json"],
            input=json.dumps(question),
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        if done.returncode != 0:
            raise BuildError(f"solc ended with {done.returncode}:\n{done.stderr}")
        answer: dict[str, Any] = json.loads(done.stdout)
        errors = [e for e in answer.get("errors", []) if e["severity"] == "error"]
        if errors:
            raise BuildError("\n".join(error["formattedMessage"] for error in errors))
        return answer

    def _forget_oldest(self, in_use: set[Path]) -> None:
        stale = sorted(set(self.cache.glob("*.json")) - in_use, key=lambda path: path.stat().st_mtime)
        for path in stale[: max(0, len(stale) - _KEPT)]:
            path.unlink(missing_ok=True)


def _artifact(source: str, contract: dict[str, Any]) -> Artifact:
    return {
        "abi": contract["abi"],
        "code": contract["evm"]["bytecode"]["object"],
        "runtime": contract["evm"]["deployedBytecode"]["object"],
        "source": source,
    }


def _normal(path: Path) -> str:
    """Without `..`, and without following links: node_modules may be one."""
    parts: list[str] = []
    for part in path.absolute().parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return str(Path(*parts))
