"""`python -m backend rotate-keys [--new-key]`: what an operator runs, and may run again after any failure."""

from __future__ import annotations

import sys

from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import record
from backend.db import make_engine
from backend.rotation.service import Report, rotate
from backend.settings import Settings, SettingsError
from backend.wallets.kms import KmsError
from backend.wallets.kms.choice import open_kms
from backend.wallets.kms.file import add_master_key

ACTOR = "command:rotate-keys"


async def run(settings: Settings, new_key: bool) -> int:
    """Re-wrap every sealed row; returns the exit code. Raises SettingsError."""
    if new_key and settings.kms_url:
        raise SettingsError(
            "--new-key is for KMS_FILE. Rotate the key where KMS_URL keeps it (in Vault: `vault write -f "
            "MOUNT/keys/KEY/rotate`; in AWS: point the alias to a new key), then run this without --new-key."
        )
    kms = open_kms(settings)
    engine = make_engine(settings.database_url, 2, "tombola rotate-keys")
    try:
        if new_key:
            print(f"Master key {add_master_key(settings.kms_file)} was added to {settings.kms_file}.")
        report = await rotate(engine, kms)
        async with AsyncSession(engine) as db, db.begin():
            await record(
                db,
                ACTOR,
                "master_key.rotate",
                f"master_key:{report.master}",
                {"rewrapped": report.rewrapped, "stuck": sorted(report.stuck)},
            )
    except KmsError as error:
        print(f"{error} What was done is kept: run this again.", file=sys.stderr)
        return 1
    finally:
        await kms.close()
        await engine.dispose()
    return _tell(report)


def _tell(report: Report) -> int:
    print(f"{report.rewrapped} rows were put under master key {report.master}.")
    if report.stuck:
        print(
            f"{len(report.stuck)} rows do not open, so they stay as they are: {', '.join(sorted(report.stuck))}.",
            file=sys.stderr,
        )
    if report.unfinished:
        print(
            "Some process still seals under an older master key: restart it, then run this again.",
            file=sys.stderr,
        )
    if report.stuck or report.unfinished:
        return 1
    print("No row is under an older one; keep those as long as backups need them.")
    return 0
