"""What ends a start of the local system, besides success."""


class RunError(Exception):
    """The local system cannot run; one sentence saying why and what to do."""


class StopRequested(Exception):  # noqa: N818 - a wish, not an error
    """SIGINT or SIGTERM came while something was being waited for."""
