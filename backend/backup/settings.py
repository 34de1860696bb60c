"""What a backup needs to be told: its own settings, since it runs beside the database and not beside the backend."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class BackupError(Exception):
    """It cannot be done; one sentence that says why and what to do."""


class BackupSettings(BaseSettings):
    """Names are the environment variables in lower case; tools/configuration/meanings.toml says what they mean."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    backup_url: str = ""
    backup_dir: Path
    backup_keep_days: int = Field(default=14, ge=1)
    backup_every_hours: float = Field(default=24.0, gt=0)
    backup_certificate: Path | None = None
    backup_metrics_file: Path | None = None
    backup_slot: str = Field(default="tombola_backup", pattern=r"^[a-z0-9_]{1,63}$")
    pg_bin: Path | None = None
    pg_user: str = "postgres"
    files_dir: Path | None = None
    kms_file: Path | None = None
    keeper_key_file: Path | None = None
    treasury_key_file: Path | None = None

    @field_validator(
        *("backup_certificate", "backup_metrics_file", "pg_bin", "files_dir"),
        *("kms_file", "keeper_key_file", "treasury_key_file"),
        mode="before",
    )
    @classmethod
    def _blank_is_absent(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("backup_dir")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        if not value.is_absolute():
            raise ValueError(f"{str(value)!r} is relative: name the folder from / on")
        return value

    @property
    def key_files(self) -> dict[str, Path]:
        """Key files of this deployment that exist, by the variable that names them."""
        named = {
            "KMS_FILE": self.kms_file,
            "KEEPER_KEY_FILE": self.keeper_key_file,
            "TREASURY_KEY_FILE": self.treasury_key_file,
        }
        return {name: path for name, path in named.items() if path is not None}


def load_backup_settings() -> BackupSettings:
    """Read the environment; raises BackupError with one line for each problem."""
    try:
        return BackupSettings()
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        lines = [f"  {'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in problems]
        raise BackupError("There can be no backup:\n" + "\n".join(lines)) from None
