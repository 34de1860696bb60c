"""`python -m listener run|status|check|rebuild`. Exit codes, with one sentence on stderr: 0 done; 1 a fault of
mirror or chain, or differences found; 2 wrong usage, or settings it cannot start with.
"""

import asyncio
import gc
import sys
from collections.abc import Sequence

import psycopg

from listener.chain.faults import RpcError
from listener.chain.registry import RegistryError
from listener.check import check
from listener.logs import configure_logs
from listener.mirror.store import MirrorError
from listener.options import OptionError, Options, parse_options
from listener.rebuild import rebuild
from listener.redaction import clean, hide, secrets_of
from listener.service import run
from listener.start import StartError
from listener.status import status
from listener.sync.forks import DeepForkError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and turn what is wrong into one sentence."""
    configure_logs()
    try:
        options = parse_options(sys.argv[1:] if arguments is None else arguments)
        for url in (options.database_url, *options.rpc_urls):
            hide(secrets_of(url))
        return _run_command(options)
    except (OptionError, RegistryError, StartError) as error:
        print(clean(str(error)), file=sys.stderr)
        return 2
    except (MirrorError, DeepForkError, RpcError) as error:
        print(clean(str(error)), file=sys.stderr)
    except psycopg.Error as error:
        print(f"Postgres refuses: {clean(' '.join(str(error).split()))}", file=sys.stderr)
    except KeyboardInterrupt:
        pass
    return 1


def _run_command(options: Options) -> int:
    if options.command == "status":
        return status(options)
    if options.command == "check":
        return asyncio.run(check(options))
    # Logs and rows are in no cycles: looking for some among them takes a tenth of a backfill's time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        asyncio.run(rebuild(options) if options.command == "rebuild" else run(options))
    except asyncio.CancelledError:  # SIGTERM or SIGINT: everything committed is in the database
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
