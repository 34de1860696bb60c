"""Reasons for exclusions in sentences: one template for each code and language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SENTENCES: dict[str, dict[str, str]] = {
    "en": {
        "too_few_comments": "{account} wrote {found} comments that count; at least {least} are asked for.",
        "too_many_comments": "{account} wrote {found} comments; at most {most} are allowed.",
        "too_few_mentions": "{account} mentions {found} other people in a comment; at least {least} are asked for.",
        "hashtag_missing": "{account} wrote no comment with {match} these hashtags: {tags}.",
        "keyword_missing": "{account} wrote no comment with {match} these words: {words}.",
        "wrong_answer": "{account} did not give an accepted answer.",
        "time_unknown": "It is not known when {account} commented.",
        "posted_too_early": "{account} commented on {posted_at}, before the contest began on {since}.",
        "posted_too_late": "{account} commented on {posted_at}; comments counted until {until}.",
        "account_age_unknown": "The platform does not tell how old the account of {account} is.",
        "account_too_young": "The account of {account} is from {account_created_at}: when it commented, it was less than"
        " {least_days} days old.",
        "followers_unknown": "The platform does not tell how many followers {account} has.",
        "too_few_followers": "{account} has {followers} followers; at least {least} are asked for.",
        "too_many_followers": "{account} has {followers} followers; at most {most} are allowed.",
        "likes_unknown": "The platform does not tell how many likes the comment of {account} has.",
        "too_few_likes": "The comment of {account} has {likes} likes; at least {least} are asked for.",
        "excluded_account": "{account} is on the organiser's list of accounts that do not take part.",
        "staff": "{account} belongs to the organiser's staff.",
        "earlier_winner": "{account} won an earlier contest of this organiser.",
        "follow_unknown": "The platform does not tell whether {account} follows the organiser.",
        "not_following": "{account} does not follow the organiser.",
        "like_unknown": "The platform does not tell whether {account} liked the post.",
        "post_not_liked": "{account} did not like the post.",
        "copied_text": "The comment of {account} was written word for word by {found} accounts.",
        "young_and_busy": "The account of {account} was less than {days} days old and wrote {found} comments.",
        "digits_in_handle": "The name of {account} ends in {digits} digits or more, as made-up names do.",
        "burst": "{account} wrote the same comment {comments} times or more within {seconds} seconds.",
    }
}
"""By language, then by code. {account} and the details of an exclusion fill them."""

MATCH: dict[str, dict[str, str]] = {"en": {"any": "any of", "all": "all of"}}


def sentence(account: str, reason: str, detail: Mapping[str, Any], language: str = "en") -> str:
    """Why somebody does not count; in English where the language has no sentences. A reason nobody knows any more is
    told by its code."""
    told = language if language in SENTENCES else "en"
    template = SENTENCES[told].get(reason)
    if template is None:
        return f"{account}: {reason}."
    return template.format(
        account=account, **{name: _shown(name, value, told) for name, value in detail.items()}
    )


def _shown(name: str, value: Any, language: str) -> str:
    if name == "match":
        return MATCH[language][value]
    if isinstance(value, list):
        return ", ".join(value)
    return str(value)
