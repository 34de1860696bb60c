"""`python -m tests.backend.ledger.dying_api MOMENT…`: an API that SIGKILLs itself while it serves POST /admin/credits.

For each moment, `before_commit` or `before_answer`, a process of its own serves until it is dead; all are forked from
one that has imported everything, because that is what takes long.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import uvicorn
from sqlalchemy import event
from sqlalchemy.orm import Session

from backend.app import create_app
from backend.settings import load_settings


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Deadly:
    """Middleware that kills the process at the moment asked for."""

    def __init__(self, app: Any, moment: str) -> None:
        self._app = app
        self._moment = moment

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != "/api/v1/admin/credits":
            await self._app(scope, receive, send)
            return
        if self._moment == "before_commit":
            event.listen(Session, "before_commit", lambda _: die())

        async def last_words(message: Any) -> None:
            if self._moment == "before_answer":
                die()
            await send(message)

        await self._app(scope, receive, last_words)


def main(moments: list[str]) -> None:
    settings = load_settings()
    for moment in moments:
        child = os.fork()
        if not child:
            app = Deadly(create_app(settings), moment)
            uvicorn.run(app, host="127.0.0.1", port=settings.port, log_config=None)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(moment, "ended by", signal.Signals(os.WTERMSIG(status)).name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
