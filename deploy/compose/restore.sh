#!/usr/bin/env bash
# Puts the database of a moment in the place of the one that is there, which is kept beside it: docs/backup.md.
#   deploy/compose/restore.sh latest          or a moment, such as 2026-11-23T03:12:45Z
# All that writes is stopped first. Wallets are frozen until `recover` knows what they have sent since; what fails leaves
# the database as it was, and everything stopped.
set -euo pipefail
at=${1:?say latest, or a moment such as 2026-11-23T03:12:45Z}
compose() { docker compose --project-directory "$(dirname "$0")" --profile blue --profile green --profile replica --profile restore "$@"; }
compose stop
compose run --rm restore backend restore --at "$at" --to /var/lib/postgresql/18/restored --files-to /files
compose run --rm --entrypoint sh restore -euc '
  chown --recursive 10001:10001 /files
  cd /var/lib/postgresql/18
  mv docker "before-$(date --utc +%Y%m%dT%H%M%SZ)"
  mv restored docker'
# A replica followed the database of before: it is copied anew when it is started.
compose run --rm --entrypoint sh owners -euc 'rm -rf /replica/*'
compose up --detach --wait postgres redis listener
compose run --rm --no-deps worker backend recover || echo "Some wallets stay frozen: see above, and docs/backup.md."
echo "Look at it, then start the rest: docker compose up --detach"
