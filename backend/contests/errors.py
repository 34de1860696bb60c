"""What can be wrong with a contest, each with what to do."""

from __future__ import annotations

from backend.errors import AppError, NotFound


class ContestNotFound(NotFound):
    """No contest with this id that you may see"""


class TooFewEntries(AppError):
    """Fewer people count than there are winners and alternates together"""

    status = 422


class TooManyEntries(AppError):
    """More people count than a contest takes"""

    status = 422


class WeightsTooLarge(AppError):
    """The weights of all entries together are more than can be drawn from"""

    status = 422


class TooManyDrafts(AppError):
    """You keep as many drafts as one account may; delete one, or commit it"""

    status = 409


class TooManyPrizes(AppError):
    """There are more prizes than winners"""

    status = 422


class ContestCommitted(AppError):
    """The contest is committed on chain: its list and rules cannot change any more"""

    status = 409


class ContestAnnounced(AppError):
    """The contest is announced: its title, rules, post, places, prizes and filters stay; it can only be cancelled"""

    status = 409


class ContestNotAnnounced(AppError):
    """The contest is a draft that nobody else has seen: delete it"""

    status = 409


class ContestCancelled(AppError):
    """The contest is cancelled"""

    status = 409


class ContestNotDrawn(AppError):
    """The contest is not drawn yet"""

    status = 409


class ContestNotCommitted(AppError):
    """The contest's list is not committed yet, so there is nothing to verify"""

    status = 409


class RankUnknown(AppError):
    """The contest has no such rank"""

    status = 422


class NothingRepeats(AppError):
    """No rank repeats an account that was drawn before, or the chain knows all of them already"""

    status = 409


class RankAlreadyDisqualified(AppError):
    """This rank is disqualified already, or out because it repeats an account"""

    status = 409
