"""The state folder: everything the local system remembers, and the lock that keeps it to one supervisor."""

import fcntl
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tools.run.errors import RunError


@dataclass(frozen=True)
class StateFolder:
    """Paths below one folder; its default `.tombola` is ignored by git."""

    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def chain(self) -> Path:
        return self.root / "chain.json"

    @property
    def deployments(self) -> Path:
        return self.root / "deployments"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def mail(self) -> Path:
        return self.root / "mail"

    @property
    def files(self) -> Path:
        return self.root / "files"

    @property
    def demo(self) -> Path:
        return self.root / "demo.json"

    @property
    def story_told(self) -> Path:
        return self.root / "story.done"

    @property
    def lock(self) -> Path:
        return self.root / "supervisor.lock"

    @property
    def processes(self) -> Path:
        return self.root / "processes.json"

    def create(self) -> None:
        """Make the folders that processes expect."""
        for folder in (self.root, self.deployments, self.logs, self.mail, self.files):
            folder.mkdir(parents=True, exist_ok=True)
        self.secrets.mkdir(mode=0o700, exist_ok=True)

    def clear(self) -> None:
        """Remove everything but the lock, which the caller holds."""
        for path in self.root.iterdir():
            if path == self.lock:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    def remember(self, **facts: Any) -> None:
        """Keep facts (ports, the chain's identity) for the next start."""
        draft = self.root / "remembered.new"
        draft.write_text(json.dumps({**self.remembered(), **facts}, indent=1) + "\n")
        draft.replace(self.root / "remembered.json")

    def remembered(self) -> dict[str, Any]:
        """What earlier starts kept."""
        try:
            return dict(json.loads((self.root / "remembered.json").read_text()))
        except (OSError, ValueError):
            return {}


class SupervisorLock:
    """Held for a supervisor's life; the system lets go of it when the process ends, however it ends."""

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder
        self._file: IO[str] | None = None

    def acquire(self, url: str) -> None:
        """Raises RunError when another supervisor has the folder."""
        self._folder.root.mkdir(parents=True, exist_ok=True)
        file = self._folder.lock.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            file.close()
            raise RunError(
                f"Tombola already runs on {self._folder.root} ({holder}); stop it first, or use another "
                "folder with STATE_DIR=…."
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, {url}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
