"""What is in a copy: every table of schema `app`, each column shown or kept back for a reason.

A test compares this with the database, so that a new table or column fails it until somebody decided. In the SQL,
`t` is the table and `:user` the account. Nobody else's identity leaves: others show as their role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.audit.mine import DETAIL, SUBJECT, THEIRS, reason_in, who


@dataclass(frozen=True)
class Source:
    """A table whose rows `theirs` are in the area's file. `columns` are shown, those of `instead` as its SQL says;
    `kept_back` are not, and why."""

    area: str
    table: str
    theirs: str
    columns: str
    instead: Mapping[str, str] = field(default_factory=dict)
    kept_back: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of the columns that are in the copy."""
        return tuple(self.columns.split())

    @property
    def query(self) -> str:
        """Selects the rows, oldest first where the table says so."""
        columns = ", ".join(self.instead.get(name, f't."{name}"') + f' AS "{name}"' for name in self.shown)
        return f'SELECT {columns} FROM app."{self.table}" t WHERE {self.theirs}'  # noqa: S608 - our own words


_OWN = "t.user_id = :user"
_WALLET = "t.wallet_id IN (SELECT id FROM app.wallet WHERE user_id = :user)"
_INTENT = "t.intent_id IN (SELECT id FROM app.intent WHERE user_id = :user)"
_CONTEST = "t.contest_id IN (SELECT id FROM app.contest WHERE owner_id = :user)"
_IMPORT = (
    "t.import_id IN (SELECT i.id FROM app.contest_import i JOIN app.contest c ON c.id = i.contest_id"
    " WHERE c.owner_id = :user)"
)
_LEDGER = "(SELECT id FROM app.ledger_account WHERE user_id = :user)"
_HASH = "a hash that only serves to recognise a secret"
_SECRET = "a secret: whoever had the copy could act as you"  # noqa: S105
_SENDER = "how our sender takes turns, nothing about you"
_ORDER = "only the order of rows"


def _other_side(side: str) -> str:
    """Whose account of the ledger it is: the person's, or what kind of account."""
    return (
        f"CASE WHEN t.{side}_id IN {_LEDGER} THEN 'you'"  # noqa: S608 - our own words
        f" ELSE (SELECT a.kind FROM app.ledger_account a WHERE a.id = t.{side}_id) END"
    )


SOURCES: tuple[Source, ...] = (
    Source(
        "account",
        "user",
        "t.id = :user",
        "id email created_at role display_name locale time_zone avatar_key email_verified_at suspended_at"
        " suspended_reason muted_notices",
        kept_back={
            "password_hash": _SECRET,
            "seq": _ORDER,
            "remark_key": "the key that seals what staff wrote about you; the texts are in remark",
        },
    ),
    Source("account", "pseudonym", "t.id = :user", "id erased_at"),
    Source(
        "account", "erasure", _OWN, "id user_id requested_at due_at withdrawn_at carried_out_at obstacles"
    ),
    Source(
        "account",
        "data_export",
        _OWN,
        "id user_id requested_at finished_at expires_at bytes",
        kept_back={"file_key": "where our file store keeps it"},
    ),
    Source("account", "consent", _OWN, "id user_id subject version given at"),
    Source("account", "remark", _OWN, "user_id text", kept_back={"seal": _HASH}),
    Source(
        "security",
        "session",
        _OWN,
        "id user_id created_at revoked_at device network last_used_at stepped_up_at step_up_method",
    ),
    Source(
        "security",
        "api_key",
        _OWN,
        "id user_id name prefix scopes created_at expires_at last_used_at revoked_at",
        kept_back={"secret_hash": _HASH},
    ),
    Source(
        "security",
        "passkey",
        _OWN,
        "id user_id name credential_id public_key sign_count transports created_at last_used_at",
    ),
    Source(
        "security",
        "totp",
        _OWN,
        "id user_id created_at confirmed_at failed_at",
        kept_back={"sealed": _SECRET, "last_step": "the last code that was used"},
    ),
    Source("security", "recovery_code", _OWN, "user_id created_at", kept_back={"code_hash": _HASH}),
    Source("security", "link", _OWN, "id user_id address kind created_at"),
    Source(
        "wallet",
        "wallet",
        _OWN,
        "id user_id role address frozen_at frozen_reason paused_until paused_reason created_at exported_at",
        kept_back=dict.fromkeys(
            ("first_nonce", "next_nonce", "wake", "due_at", "lease_owner", "lease_until", "fence"), _SENDER
        ),
    ),
    Source(
        "wallet",
        "wallet_export",
        _WALLET,
        "id wallet_id requested_at ready_at expires_at cancelled_at retrieved_at",
        kept_back={"cancel_hash": _HASH},
    ),
    Source(
        "wallet", "policy_limit", _OWN, "id user_id set_by token per_transaction daily valid_from created_at"
    ),
    Source("wallet", "backing_leaf", _WALLET, "block_number topic index wallet_id amount"),
    Source("wallet", "policy_mode", _OWN, "user_id allow_list_only valid_from"),
    Source(
        "wallet",
        "policy_address",
        _OWN,
        "user_id address label first_seen_at usable_from listed_at listed_from",
    ),
    Source(
        "wallet",
        "freeze",
        f"({_OWN} OR {_WALLET})",
        "id wallet_id user_id reason actor frozen_at lifted_at lifted_by lifted_reason",
        instead={"actor": who("t.actor"), "lifted_by": who("t.lifted_by")},
    ),
    Source(
        "transactions",
        "intent",
        _OWN,
        "id wallet_id user_id kind params calls state error_code error_message created_at cancel_requested_at",
        kept_back={
            "seq": _ORDER,
            "dedupe_key": "keeps the platform's own transactions from being sent twice",
            "traceparent": "a random number by which our logs of it are found",
        },
    ),
    Source("transactions", "intent_stage", _INTENT, "id intent_id state at"),
    Source(
        "transactions", "hold", _INTENT, "id intent_id wallet_id token amount outcome created_at settled_at"
    ),
    Source(
        "transactions",
        "slot",
        _INTENT,
        "id wallet_id nonce intent_id gas_limit state winner succeeded block_number block_hash sent_at created_at fee"
        " final_at",
        kept_back={"position": _ORDER},
    ),
    Source(
        "transactions",
        "attempt",
        "t.slot_id IN (SELECT s.id FROM app.slot s JOIN app.intent i ON i.id = s.intent_id WHERE i.user_id = :user)",
        "hash slot_id max_fee priority_fee purpose created_at",
        kept_back={"raw": "signed bytes: what was sent is on the chain, what was not must not be sent again"},
    ),
    Source("credits", "ledger_account", _OWN, "id user_id kind currency balance held created_at"),
    Source(
        "credits",
        "ledger_entry",
        f"(t.debit_id IN {_LEDGER} OR t.credit_id IN {_LEDGER}) AND t.moved > 0",
        "id kind currency debit_id credit_id moved held debit_balance credit_balance hold_id expires_at purpose"
        " memo actor at",
        instead={
            "debit_id": _other_side("debit"),
            "credit_id": _other_side("credit"),
            # What the account on the other side has is not this person's to know.
            "debit_balance": f"CASE WHEN t.debit_id IN {_LEDGER} THEN t.debit_balance END",
            "credit_balance": f"CASE WHEN t.credit_id IN {_LEDGER} THEN t.credit_balance END",
            "memo": reason_in("t.memo"),
            "actor": who("t.actor"),
        },
        kept_back={"key": "keeps a movement from being booked twice"},
    ),
    Source("credits", "ledger_hold", f"t.account_id IN {_LEDGER}", "id account_id amount expires_at"),
    Source("credits", "credit_watch", _OWN, "user_id is_low"),
    Source(
        "payments",
        "payment",
        _OWN,
        "id user_id credits due booked created_at updated_at amount currency captured refunded disputed checkout_id",
        kept_back={"bookings": _ORDER, "settlements": _ORDER, "seq": _ORDER},
    ),
    Source(
        "payments",
        "refund",
        "t.payment_id IN (SELECT id FROM app.payment WHERE user_id = :user)",
        "id payment_id actor amount reason stripe_id created_at",
        instead={"actor": who("t.actor"), "reason": reason_in("t.reason")},
        kept_back={"key": "keeps a refund from being made twice"},
    ),
    Source(
        "payments",
        "checkout",
        _OWN,
        "id user_id sells code credits amount currency session_id expires_at closed_at created_at",
        kept_back={"key": "keeps a purchase from being made twice", "url": "Stripe's page of the purchase"},
    ),
    Source("payments", "stripe_customer", _OWN, "user_id id created_at"),
    Source(
        "payments",
        "subscription",
        _OWN,
        "id user_id tier interval amount currency status period_end ends_at created_at updated_at",
        kept_back={"looked_up": _ORDER},
    ),
    Source(
        "payments",
        "contest_charge",
        _OWN,
        "intent_id contest_id user_id tier items credits hold_id state created_at settled_at",
    ),
    Source(
        "contests",
        "contest",
        "t.owner_id = :user",
        "id owner_id title rules post_reference winners alternates file_name file_bytes account_column list_sha256"
        " row_count duplicate_count entry_count rejected_for created_at committed_at intent_id chain_id contract"
        " contest_key root commitment weight_column total_weight language prizes filters participant_count"
        " announced_at cancelled_at cancel_reason exclusion_count exclusion_root sources",
        kept_back={
            "seq": _ORDER,
            "key_salt": "opens what the draw keeps sealed",
            "sealed_secret": "opens what the draw keeps sealed",
        },
    ),
    Source(
        "contests",
        "contest_import",
        _CONTEST,
        "id contest_id source file_name options state bytes_total bytes_read rows accepted rejected rejected_for"
        " sha256 error_code error_message created_at started_at finished_at waits_until waits_because",
        kept_back={
            "seq": _ORDER,
            "file_key": "where our file store keeps it; the file itself is in uploads/",
            "position": "where the reading went on",
            "reported": "which progress was told",
        },
    ),
    Source(
        "lists",
        "participant",
        _CONTEST,
        "contest_id number import_id row_number account_key account weight comment comment_id posted_at likes"
        " followers account_created_at follows liked",
    ),
    Source(
        "lists",
        "contest_entry",
        _CONTEST,
        "contest_id index account_key account row_number weight first_unit",
    ),
    Source("lists", "contest_exclusion", _CONTEST, "contest_id index account_key account reason detail"),
    Source("lists", "contest_rejection", _IMPORT, "row_number reason detail raw import_id"),
    Source(
        "connections",
        "connection",
        _OWN,
        "id user_id platform account_id account_name scopes expires_at renewed_at ended_at created_at",
        kept_back={"sealed": _SECRET},
    ),
    Source(
        "messages",
        "mail",
        _OWN,
        "id recipient template language state error created_at sent_at user_id",
        kept_back={"data": "what fills a mail that waits; it may hold a secret link"},
    ),
    Source("messages", "event", _OWN, "id user_id event subject payload at", kept_back={"xid": _ORDER}),
    Source(
        "messages",
        "webhook",
        _OWN,
        "id user_id url events previous_until disabled_at disabled_reason last_success_at created_at",
        kept_back={"secret": _SECRET, "previous_secret": _SECRET},
    ),
    Source(
        "messages",
        "webhook_delivery",
        "t.webhook_id IN (SELECT id FROM app.webhook WHERE user_id = :user)",
        "id message_id webhook_id event_id state attempts answer_status error created_at attempted_at delivered_at",
    ),
    Source(
        "messages",
        "idempotency",
        _OWN,
        "user_id key status created_at",
        kept_back={
            "request_hash": _HASH,
            "headers": "an answer to be repeated, which tells of rows that are in this copy",
            "body": "the same",
        },
    ),
    Source(
        "audit",
        "audit_event",
        THEIRS,
        "id at actor action subject detail",
        instead={"actor": who("t.actor"), "subject": SUBJECT, "detail": DETAIL},
    ),
)

_MINUTES = "secrets for one use that last minutes, kept as hashes"
NOT_IN_IT: Mapping[str, str] = {
    "alembic_version": "the version of the database",
    "analytics": "sums over everybody, or over what the chain shows",
    "analytics_balance": "who holds how much of a token, as the chain shows it",
    "analytics_player": "who played on a day, as the chain shows it",
    "analytics_state": "how far the sums are",
    "audit_link": "hashes of the audit log's rows",
    "audit_pending": "rows of the audit log that have no hash yet",
    "backing_snapshot": "which proofs of backing were published; your part of each is in it",
    "backing_statement": "sums over everybody; your part of each is in it",
    "connection_attempt": _MINUTES,
    "contest_leaves": "computed from your lists; the published part is in each draw's public bundle",
    "contest_proof": "computed from your lists; the published part is in each draw's public bundle",
    "difference": "what was found about our own books",
    "event_floor": "how far back events go, for everybody",
    "fetched_comment": "which comments were read; the comments themselves are participants",
    "incident": "public, about nobody",
    "incident_update": "public, about nobody",
    "ledger_currency": "the currencies there are",
    "link_nonce": _MINUTES,
    "mailed_token": _MINUTES,
    "passkey_challenge": _MINUTES,
    "payment_event": "which messages of Stripe were read, without names",
    "reading": "how the chain's services are, for everybody",
    "refresh_token": "secrets of sessions, kept as hashes; the sessions are in it",
    "sign_in_ticket": _MINUTES,
    "told": "which facts were mailed; the mails are in it",
    "wallet_key": "the sealed key of your wallet: you can take it yourself, with an export of the key",
}
"""Tables that are not in a copy, and why."""

AREAS: tuple[str, ...] = tuple(dict.fromkeys(source.area for source in SOURCES))
