"""`python -m backend api | sender | keeper | worker | migrate | openapi | graphql | role EMAIL ROLE |
audit verify | reconcile | backing | analytics [--check] | rotate-keys [--new-key] | product-readers |
backup [--follow] | restore --at TIME --to FOLDER | recover [--freeze TIME] [--accept-forgotten]`.

Each imports only what it runs.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, get_args

from sqlalchemy.exc import OperationalError

from backend import logs, metrics
from backend.auth.role import Role
from backend.backup.arguments import add_arguments
from backend.backup.settings import BackupError
from backend.db import DatabaseAwayError
from backend.settings import Settings, SettingsError, load_settings, schema_settings
from backend.tracing.spans import exported
from listener.redaction import clean


def main(arguments: list[str] | None = None) -> int:
    """Run one process; returns its exit code. A configuration error is one readable message."""
    parser = argparse.ArgumentParser(prog="python -m backend", description=__doc__)
    commands = parser.add_subparsers(metavar="command", required=True)
    for name, run in COMMANDS.items():
        commands.add_parser(name).set_defaults(run=lambda _, run=run: run())
    role = commands.add_parser("role", help="give an account a role")
    role.add_argument("email")
    role.add_argument("role", choices=get_args(Role))
    role.set_defaults(run=lambda given: _role(given.email, given.role))
    audit = commands.add_parser("audit", help="read the audit's chain again").add_subparsers(required=True)
    verify = audit.add_parser("verify", help="is every row what was chained?")
    verify.add_argument("--noted", metavar="POSITION:HASH", help="the head that an earlier run printed")
    verify.set_defaults(run=lambda given: _audit_verify(given.noted))
    rotate = commands.add_parser("rotate-keys", help="put every sealed row under the newest master key")
    rotate.add_argument("--new-key", action="store_true", help="add a master key to KMS_FILE first")
    rotate.set_defaults(run=lambda given: _rotate_keys(given.new_key))
    analytics = commands.add_parser("analytics", help="fold the figures that are due")
    analytics.add_argument("--check", action="store_true", help="compare them with the facts instead")
    analytics.set_defaults(run=lambda given: _analytics(given.check))
    _add_backups(commands)
    given = parser.parse_args(arguments)
    try:
        return int(given.run(given))
    except (SettingsError, BackupError) as error:
        print(error, file=sys.stderr)
        return 2
    except OperationalError as error:
        said = clean(str(error.orig))
        print(f"PostgreSQL cannot be used: {said} Check DATABASE_URL and that it runs.", file=sys.stderr)
        return 2
    except DatabaseAwayError as error:
        print(f"PostgreSQL cannot be reached: {error}. Check DATABASE_URL and that it runs.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


@contextmanager
def _importing() -> Iterator[None]:
    """Nothing of what is imported is garbage: to look for some takes a fifth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _api() -> int:
    with _importing():
        from backend.app import create_app
        from backend.graphql.checks import check_documents
        from backend.graphql.documents import read_documents
        from backend.replica.replica import refuse_others
        from backend.server import Server
        from backend.services import check_files

    settings = load_settings()
    logs.configure("api", settings.log_level, settings.secrets)
    metrics.serve(settings)
    check_files(settings)
    check_documents(settings, read_documents(settings.graphql_documents))
    asyncio.run(refuse_others(settings))
    app = create_app(settings)
    # What is there now stays: looking through all of it for garbage would stop the process for 0.2 s each time.
    gc.freeze()
    server = Server(app, settings)
    # uvicorn repeats the signal that ended it, after it has shut down: that is an ordinary end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with exported(settings, "api"):
        server.run()
    return 0 if server.started else 1


def _sender() -> int:
    with _importing():
        from backend.sender.process import run

    return _process("sender", run)


def _keeper() -> int:
    with _importing():
        from backend.keeper.process import run

    return _process("keeper", run)


def _worker() -> int:
    with _importing():
        from backend.jobs.process import run

    return _process("worker", run)


def _process(name: str, run: Callable[[Settings], Coroutine[Any, Any, None]]) -> int:
    settings = load_settings()
    logs.configure(name, settings.log_level, settings.secrets)
    metrics.serve(settings)

    async def alive() -> None:
        async with metrics.PULSE.event_loop():
            await run(settings)

    with exported(settings, name):
        asyncio.run(alive())
    return 0


def _migrate() -> int:
    from backend.migrate import migrate

    settings = load_settings()
    logs.configure("migrate", settings.log_level, settings.secrets)
    print(f"Schema app is at version {migrate(settings.database_url)}.")
    return 0


def _role(email: str, role: Role) -> int:
    from backend.users.role_command import give_role

    if not asyncio.run(give_role(load_settings(), email, role)):
        print(f"There is no account for {email}. Register it first.", file=sys.stderr)
        return 1
    print(f"{email} has the role {role}.")
    return 0


def _backing() -> int:
    from backend.backing.command import run

    return asyncio.run(run(load_settings()))


def _audit_verify(noted: str | None) -> int:
    from backend.audit.command import run

    return asyncio.run(run(load_settings(), noted))


def _rotate_keys(new_key: bool) -> int:
    from backend.rotation.command import run

    settings = load_settings()
    logs.configure("rotate-keys", settings.log_level, settings.secrets)
    return asyncio.run(run(settings, new_key))


def _reconcile() -> int:
    from backend.ledger.reconcile import run

    settings = load_settings()
    logs.configure("reconcile", settings.log_level, settings.secrets)
    return asyncio.run(run(settings))


def _product_readers() -> int:
    from backend.consents.command import run

    settings = load_settings()
    logs.configure("product-readers", settings.log_level, settings.secrets)
    return asyncio.run(run(settings))


def _analytics(check: bool) -> int:
    from backend.analytics.command import run

    settings = load_settings()
    logs.configure("analytics", settings.log_level, settings.secrets)
    return asyncio.run(run(settings, check))


def _add_backups(commands: Any) -> None:
    backup = commands.add_parser("backup", help="back up database, files and keys")
    restore = commands.add_parser("restore", help="restore the database to a chosen second")
    add_arguments(backup, restore)
    backup.set_defaults(run=_backup)
    restore.set_defaults(run=_restore)
    recover = commands.add_parser("recover", help="after a restore: what did the wallets send since?")
    recover.add_argument("--accept-forgotten", action="store_true", help="what no intent asked for is ours")
    recover.add_argument(
        "--freeze", metavar="TIME", help="all wallets first: it was restored to TIME by other means"
    )
    recover.add_argument("--wait", type=float, default=600.0, metavar="SECONDS", help="for a final block")
    recover.set_defaults(run=_recover)


def _backup(given: argparse.Namespace) -> int:
    from backend.backup.command import backup

    return backup(given)


def _restore(given: argparse.Namespace) -> int:
    from backend.backup.command import restore_command

    return restore_command(given)


def _recover(given: argparse.Namespace) -> int:
    from backend.backup.command import read_time
    from backend.recovery.command import freeze, run

    settings = load_settings()
    logs.configure("recover", settings.log_level)
    moment = None if given.freeze is None else read_time(given.freeze)
    if moment is not None:
        freeze(settings, moment)
    return asyncio.run(run(settings, given.accept_forgotten, given.wait))


def _openapi() -> int:
    from backend.app import create_app

    json.dump(create_app(schema_settings()).openapi(), sys.stdout, indent=2, ensure_ascii=False)
    print()
    return 0


def _graphql() -> int:
    from backend.graphql.schema import schema

    print(schema(introspection=True).as_str())
    return 0


COMMANDS: dict[str, Callable[[], int]] = {
    "api": _api,
    "sender": _sender,
    "keeper": _keeper,
    "worker": _worker,
    "migrate": _migrate,
    "openapi": _openapi,
    "graphql": _graphql,
    "reconcile": _reconcile,
    "product-readers": _product_readers,
    "backing": _backing,
}

if __name__ == "__main__":
    sys.exit(main())
