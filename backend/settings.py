"""Everything the backend is told from outside, as one typed object that refuses to start half-configured."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from listener.chain.rpc import RpcPool
from listener.redaction import secrets_of

ROOT = Path(__file__).resolve().parent.parent
LOCAL_JWT_SECRET = "local development only: never sign production sessions with this"  # noqa: S105
MIN_SECRET_LENGTH = 32
LOCAL_CHAIN_ID = 31337
LEAST_EXPORT_WAIT = 3600
LEAST_ERASURE_WAIT = 86_400
LEAST_PASSWORD_WORK = 2 * 19_456
"""OWASP's smallest argon2id: 19 MiB, passed over twice."""
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


class SettingsError(Exception):
    """The environment is incomplete or unsafe; the message names each variable and what to do."""


class Settings(BaseSettings):
    """Names are the environment variables in lower case. Amounts are wei, times seconds."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    environment: Literal["local", "production"] = "local"
    database_url: str = Field(min_length=1, description="libpq URI; unix sockets as ?host=/folder")
    read_database_url: str = Field(
        default="", description="a streaming standby of it, which answers public reads; the primary without"
    )
    rpc_urls: Annotated[tuple[str, ...], NoDecode] = Field(min_length=1)
    registry: Path = Field(description="deployments/<chain_id>.json")
    public_rpc_url: str = ""
    beacon_url: str = ""
    public_url: str = Field(
        default="", description="where people open the site; locally http://localhost and the port"
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    frontend_dist: Path = ROOT / "frontend" / "dist"
    files_url: str = Field(default="", description="where files are kept; see backend/files/choice.py")
    files_dir: Path = Path("files")
    files_timeout_seconds: float = Field(default=10.0, gt=0, description="for one attempt at S3")
    mail_dir: Path = Field(default=Path("mail"), description="where mail goes without SMTP_HOST")
    mail_from: str = "no-reply@tombola.example"
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    stripe_secret_key: SecretStr = SecretStr("")
    stripe_webhook_secret: SecretStr = SecretStr("")
    stripe_api_url: str = "https://api.stripe.com"
    prices: Literal["on", "off"] | None = Field(
        default=None, description="whether draws cost credits; on where STRIPE_SECRET_KEY is set"
    )
    instagram_client_id: str = ""
    instagram_client_secret: SecretStr = SecretStr("")
    facebook_client_id: str = ""
    facebook_client_secret: SecretStr = SecretStr("")
    x_client_id: str = ""
    x_client_secret: SecretStr = SecretStr("")
    x_whole_archive: bool = Field(
        default=False, description="X sells it: comments older than 7 days are found too"
    )
    tiktok_client_id: str = ""
    tiktok_client_secret: SecretStr = SecretStr("")
    youtube_client_id: str = ""
    youtube_client_secret: SecretStr = SecretStr("")
    connector_timeout_seconds: float = Field(default=20.0, gt=0, description="for one answer of a platform")
    connector_hosts: dict[str, str] = Field(
        default_factory=dict, description="JSON: origins of platforms → stand-ins; local only"
    )
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    local_wallet: bool = False
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="other sites whose pages may call the API with a bearer token"
    )
    redis_url: str = Field(
        default="", description="shares limits and kept answers between API processes; memory without it"
    )
    cache_megabytes: int = Field(
        default=32, ge=0, description="of answers that an API process keeps; 0 keeps none"
    )
    cache_head_seconds: float = Field(
        default=1.0,
        ge=0,
        description="a block whose notice was lost is seen after it; 0 looks at each request",
    )
    requests_per_minute_per_network: int = Field(default=3000, ge=1)
    requests_per_minute_per_user: int = Field(default=1200, ge=1)
    changes_per_minute_per_user: int = Field(default=300, ge=1, description="requests other than reads")
    inclusion_lookups_per_minute: int = Field(
        default=30, ge=1, description='"was I included?" per network address'
    )
    graphql_documents: Path | None = Field(
        default=None, description="GraphQL queries known by their hash; see backend/graphql/documents.py"
    )
    graphql_persisted_only: bool = Field(default=False, description="no other queries are answered")
    metrics_port: int | None = Field(
        default=None, ge=1, le=65535, description="serves Prometheus; off without"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otel_exporter_otlp_endpoint: str = Field(
        default="", description="collector that takes traces by OTLP over HTTP; off without"
    )
    trust_request_ids: bool = Field(
        default=False, description="a proxy of ours sets X-Request-Id or traceparent; else they are not read"
    )

    jwt_secret: SecretStr = SecretStr(LOCAL_JWT_SECRET)
    jwt_previous_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="still read, not signed with: JWT_SECRET of before, until its tokens have expired",
    )
    access_token_seconds: int = 15 * 60
    refresh_token_seconds: int = 30 * 24 * 3600
    password_memory_kib: int = Field(default=65_536, ge=64, description="argon2id; old hashes stay readable")
    password_rounds: int = Field(default=2, ge=1, description="argon2id passes over the memory")
    sign_in_attempts_per_minute: int = Field(default=60, ge=1, description="per network address")
    sign_in_failures_per_address: int = Field(
        default=10, ge=1, description="per account and network address, in five minutes"
    )
    sign_in_failures_per_account: int = Field(
        default=100, ge=1, description="in five minutes; then each network address may fail once"
    )

    cooling_off_seconds: int | None = Field(
        default=None, ge=0, description="new recipients wait; 24 hours in production, not at all locally"
    )

    export_wait_seconds: int | None = Field(
        default=None,
        ge=0,
        description="before one's own key can be had; 24 hours in production, 1 minute locally",
    )

    erasure_wait_seconds: int | None = Field(
        default=None,
        ge=0,
        description="before an account is erased; 14 days in production, 1 minute locally",
    )
    erasure_dust_wei: int = Field(
        default=10**16,
        ge=0,
        description="left in a wallet, no obstacle to its erasure: what sending it would cost",
    )

    draft_days: int = Field(default=90, ge=1, description="drafts older than that are deleted")
    keep_sessions_days: int = Field(default=90, ge=1, description="sessions, after they ended")
    keep_mails_days: int = Field(default=30, ge=1, description="which mails were sent")
    keep_events_days: int = Field(default=14, ge=1, description="events, and what became of their webhooks")
    keep_answers_days: int = Field(default=7, ge=1, description="answers to idempotency keys")
    data_export_days: int = Field(default=7, ge=1, le=30, description="copies of people's data")
    data_exports_per_day: int = Field(default=3, ge=1, description="of one account")
    terms_version: str = Field(
        default="", max_length=40, description="people are asked to agree where it is set"
    )
    terms_url: str = ""
    privacy_version: str = Field(default="", max_length=40, description="the same for the privacy notice")
    privacy_url: str = ""
    vrf_low_native_wei: int = Field(
        default=5 * 10**18, ge=0, description="a subscription with less is shown as low"
    )
    vrf_low_link_wei: int = Field(default=2 * 10**18, ge=0, description="the same where LINK pays")
    drafts_per_user: int = Field(default=20, ge=1, description="contests kept that are not committed")

    credits_low_at: int = Field(
        default=10, ge=0, description="who has fewer credits after having had so many is told; 0 tells nobody"
    )

    kms_url: str = Field(default="", description="where master keys are; see backend/wallets/kms/choice.py")
    kms_file: Path = Path("kms.key")
    vault_token_file: Path | None = None
    kms_timeout_seconds: float = Field(default=2.0, gt=0, description="for one attempt at a key service")
    keeper_key_file: Path | None = None
    treasury_key_file: Path | None = None
    welcome_grant_wei: int = Field(default=0, ge=0)

    start_patience_seconds: float = Field(default=8.0, gt=0, description="for the database, then the chain")
    database_pool: int = Field(default=10, ge=1, description="connections of one process for its work")
    database_pool_stream: int = Field(
        default=4, ge=1, description="of its streams, which requests cannot take"
    )
    database_pool_read: int = Field(default=10, ge=1, description="of its reads from READ_DATABASE_URL")
    read_replica_lag_seconds: float = Field(
        default=2.0, gt=0, description="a replica that is later is left alone"
    )
    database_wait_seconds: float = Field(
        default=5.0, gt=0, description="a request's wait for a connection, made or free; then 503"
    )
    statement_seconds: float = Field(default=10.0, gt=0, description="one statement of a request; then 503")
    job_statement_seconds: float = Field(
        default=600.0, gt=0, description="one statement of worker and commands"
    )
    requests_at_once: int = Field(
        default=250, ge=1, description="worked on in one API process; beyond them 503"
    )
    requests_inside: int = Field(
        default=2_000, ge=1, description="the same, with those that send, read, or wait for another's answer"
    )
    drain_seconds: float | None = Field(
        default=None,
        ge=0,
        description="served on after SIGTERM, not ready any more; 5 in production, not at all locally",
    )
    rpc_timeout_seconds: float = Field(default=10.0, gt=0, description="of one request to a provider")
    finality_depth: int | None = Field(default=None, ge=0, description="where a chain has no `finalized` tag")
    top_up_wallet_daily_wei: int = Field(
        default=0, ge=0, description="gas the treasury pays for one user's wallet in 24 hours; 0 pays none"
    )
    top_up_daily_wei: int = Field(default=0, ge=0, description="the same for all wallets together")
    final_witnesses: int = Field(
        default=2, ge=1, description="providers that must agree on a receipt, where there are so many"
    )
    sender_lanes: int = Field(default=4, ge=1)
    sender_batch: int = Field(default=100, ge=1)
    sender_poll_seconds: float = Field(default=0.5, gt=0)
    sender_lease_seconds: float = Field(default=15.0, gt=0)
    resend_after_seconds: float = Field(default=5.0, gt=0)
    wallet_pause_seconds: float = Field(default=5.0, gt=0, description="after no funds, or no key")
    bump_after_seconds: float = Field(default=30.0, gt=0)
    max_fee_per_gas_wei: int = Field(default=2_000 * 10**9, gt=0, description="no attempt ever offers more")
    keeper_poll_seconds: float = Field(default=1.0, gt=0)
    worker_jobs: int = Field(
        default=8, ge=1, description="at once in one worker; as many webhooks beside them"
    )
    webhook_private_targets: bool = Field(default=False, description="http and private addresses: local only")
    webhook_retry_seconds: tuple[float, ...] = Field(
        default=(5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400),
        min_length=1,
        description="pauses between attempts; after the last one a delivery has failed (three days)",
    )
    streams_per_user: int = Field(default=10, ge=1, description="WebSockets open at once in one process")
    streams_per_address: int = Field(default=50, ge=1, description="per network address")
    stream_heartbeat_seconds: float = Field(default=20.0, gt=0)
    stream_check_seconds: float = Field(
        default=3.0, gt=0, description="an ended session's streams end after it"
    )
    stream_backlog: int = Field(default=1000, ge=1, description="events that wait for a slow reader")
    worker_poll_seconds: float = Field(default=1.0, gt=0)
    worker_heartbeat_seconds: float = Field(default=3.0, gt=0)
    worker_lost_seconds: float = Field(
        default=15.0, gt=0, description="without heartbeat: its jobs run again"
    )
    leader_beat_seconds: float = Field(default=1.0, gt=0)
    leader_lost_seconds: float = Field(default=5.0, gt=0, description="without heartbeat: another one leads")

    @field_validator("rpc_urls", "cors_origins", "jwt_previous_secrets", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        """Read a comma-separated list."""
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator(
        "keeper_key_file",
        "treasury_key_file",
        "vault_token_file",
        "graphql_documents",
        "finality_depth",
        "metrics_port",
        "prices",
        "cooling_off_seconds",
        "drain_seconds",
        "export_wait_seconds",
        "erasure_wait_seconds",
        mode="before",
    )
    @classmethod
    def _blank_is_absent(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("database_url", "read_database_url")
    @classmethod
    def _is_postgres(cls, value: str) -> str:
        """Drivers quote what they cannot read, with the password in it: they never get to see it."""
        urlsplit(value)
        if value and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("it is no PostgreSQL URL: write it as postgresql://user@host/tombola")
        return value

    @field_validator("rpc_urls")
    @classmethod
    def _are_providers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        RpcPool(value)
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Scheme and host, nothing more; never everybody."""
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or f"{parts.scheme}://{parts.netloc}" != origin:
                raise ValueError(f"{origin!r} is no origin: write it as https://app.example.org")
        return value

    @field_validator("otel_exporter_otlp_endpoint")
    @classmethod
    def _is_http(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("it is no http(s) URL: write it as http://collector:4318")
        return value

    @model_validator(mode="after")
    def _need_a_list(self) -> Settings:
        if self.graphql_persisted_only and self.graphql_documents is None:
            raise ValueError(
                "GRAPHQL_PERSISTED_ONLY is set but GRAPHQL_DOCUMENTS is not: name the queries that are answered"
            )
        return self

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> Settings:
        """Production starts with real secrets or not at all."""
        if self.environment != "production":
            return self
        secret = self.jwt_secret.get_secret_value()
        if "jwt_secret" not in self.model_fields_set or secret == LOCAL_JWT_SECRET:
            raise ValueError("JWT_SECRET is missing or the local default: set a random one")
        if len(secret) < MIN_SECRET_LENGTH:
            raise ValueError(f"JWT_SECRET is shorter than {MIN_SECRET_LENGTH} characters: set a longer one")
        if any(len(old.get_secret_value()) < MIN_SECRET_LENGTH for old in self.jwt_previous_secrets):
            raise ValueError(
                f"JWT_PREVIOUS_SECRETS holds one shorter than {MIN_SECRET_LENGTH} characters: take it out"
            )
        if self.password_memory_kib * self.password_rounds < LEAST_PASSWORD_WORK:
            raise ValueError(
                f"PASSWORD_MEMORY_KIB times PASSWORD_ROUNDS is below {LEAST_PASSWORD_WORK}: raise one of them"
            )
        if self.smtp_host and self.smtp_tls == "none" and self.smtp_password.get_secret_value():
            raise ValueError("SMTP_TLS is none: the mail server's password would travel in the open")
        if not self.public_url.startswith("https://"):
            raise ValueError(
                "PUBLIC_URL is missing or no https:// URL: passkeys and linked wallets are bound to it"
            )
        for name, version, url in (
            ("TERMS", self.terms_version, self.terms_url),
            ("PRIVACY", self.privacy_version, self.privacy_url),
        ):
            if version and not url.startswith("https://"):
                raise ValueError(
                    f"{name}_VERSION is set but {name}_URL is no https:// URL: say where it can be read"
                )
        if not self.kms_url and not self.kms_file.is_file():
            raise ValueError(
                f"KMS_FILE {str(self.kms_file)!r} does not exist: provide the master key, mode 0600, or KMS_URL"
            )
        if self.export_wait_seconds is not None and self.export_wait_seconds < LEAST_EXPORT_WAIT:
            raise ValueError(
                f"EXPORT_WAIT_SECONDS is below {LEAST_EXPORT_WAIT}: owners need time to stop a thief, so raise it"
            )
        if self.erasure_wait_seconds is not None and self.erasure_wait_seconds < LEAST_ERASURE_WAIT:
            raise ValueError(
                f"ERASURE_WAIT_SECONDS is below {LEAST_ERASURE_WAIT}: what is erased is gone, so raise it"
            )
        if not self.files_url and not self.files_dir.is_absolute():
            raise ValueError(
                f"FILES_DIR {str(self.files_dir)!r} is relative: name a folder that all processes share, or FILES_URL"
            )
        if self.webhook_private_targets:
            raise ValueError(
                "WEBHOOK_PRIVATE_TARGETS lets webhooks reach this network: it is for local use only"
            )
        if self.stripe_secret_key.get_secret_value() and not self.stripe_webhook_secret.get_secret_value():
            raise ValueError(
                "STRIPE_WEBHOOK_SECRET is missing: with STRIPE_SECRET_KEY alone people would pay and get nothing"
            )
        if not self.stripe_api_url.startswith("https://"):
            raise ValueError("STRIPE_API_URL is no https:// URL: Stripe's key would travel in the open")
        if self.connector_hosts:
            raise ValueError("CONNECTOR_HOSTS sends people's access to stand-ins: it is for local use only")
        if self.local_wallet:
            raise ValueError("LOCAL_WALLET exposes unlocked accounts: it is for the local chain only")
        if self.welcome_grant_wei > 0 and self.treasury_key_file is None:
            raise ValueError("WELCOME_GRANT_WEI is set but TREASURY_KEY_FILE is not: name the paying account")
        if self.top_up_wallet_daily_wei > 0 and self.treasury_key_file is None:
            raise ValueError(
                "TOP_UP_WALLET_DAILY_WEI is set but TREASURY_KEY_FILE is not: name the paying account"
            )
        return self

    @property
    def secrets(self) -> list[str]:
        """What must not stand in a log line, whoever quotes it."""
        found = [one.get_secret_value() for one in dict(self).values() if isinstance(one, SecretStr)]
        found += [one.get_secret_value() for one in self.jwt_previous_secrets]
        databases = (self.database_url, self.read_database_url)
        for url in (*databases, self.redis_url, self.otel_exporter_otlp_endpoint, *self.rpc_urls):
            found += secrets_of(url)
        return found

    @property
    def site(self) -> str:
        """Where people open the site; never taken from a request, whose Host anybody may choose."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def payments_are_set_up(self) -> bool:
        """Whether credits and subscriptions can be bought."""
        return bool(self.stripe_secret_key.get_secret_value())

    @property
    def prices_are_on(self) -> bool:
        """Whether draws cost credits and tiers have limits: where nothing can be bought, not unless asked for."""
        return self.payments_are_set_up if self.prices is None else self.prices == "on"

    @property
    def cooling_off(self) -> timedelta:
        """How long an address that is new to a user's account has to wait before it may receive."""
        if self.cooling_off_seconds is None:
            return timedelta(0) if self.is_local else timedelta(hours=24)
        return timedelta(seconds=self.cooling_off_seconds)

    @property
    def drain(self) -> float:
        """How many seconds an API process serves on after it was asked to end."""
        if self.drain_seconds is None:
            return 0.0 if self.is_local else 5.0
        return self.drain_seconds

    @property
    def export_wait(self) -> timedelta:
        """How long somebody who asked for their own key waits for it."""
        if self.export_wait_seconds is None:
            return timedelta(minutes=1) if self.is_local else timedelta(hours=24)
        return timedelta(seconds=self.export_wait_seconds)

    @property
    def erasure_wait(self) -> timedelta:
        """How long an account whose owner asked for its end can still be kept."""
        if self.erasure_wait_seconds is None:
            return timedelta(minutes=1) if self.is_local else timedelta(days=14)
        return timedelta(seconds=self.erasure_wait_seconds)

    @property
    def is_local(self) -> bool:
        """Whether this is a developer's machine (plain HTTP, keys made on first run)."""
        return self.environment == "local"


def load_settings() -> Settings:
    """Read the environment; raises SettingsError with one line per problem."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [_line(problem) for problem in error.errors(include_url=False, include_input=False)]
        raise SettingsError("The backend cannot start:\n" + "\n".join(lines)) from None


def schema_settings() -> Settings:
    """Settings good enough to describe the API without any environment (`python -m backend openapi`)."""
    return Settings.model_construct(rpc_urls=(), database_url="", registry=Path())


def is_in_the_open(url: SplitResult) -> bool:
    """Whether others can read what goes there: it is no HTTPS, and not this machine."""
    return url.scheme != "https" and url.hostname not in _THIS_MACHINE


def _line(problem: Any) -> str:
    name = ".".join(str(part) for part in problem["loc"]).upper()
    text = problem["msg"].removeprefix("Value error, ")
    return f"  {name}: {text}" if name else f"  {text}"
