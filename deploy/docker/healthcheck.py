"""Does this container's process live? Asks HEALTH_URL: the API's /healthz, or /health of the metrics port of the others."""

import os
import sys
import urllib.request

URL = os.environ.get("HEALTH_URL") or f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz"

try:
    with urllib.request.urlopen(URL, timeout=4) as answer:  # noqa: S310 - the operator's own URL
        sys.exit(0 if answer.status == 200 else 1)
except OSError as error:
    print(f"{URL}: {error}", file=sys.stderr)
    sys.exit(1)
