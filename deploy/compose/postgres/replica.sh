#!/bin/bash
# A streaming standby for reads: a copy of the primary the first time, its log from then on.
set -euo pipefail
PGPASSWORD=$(cat /run/secrets/backup_password)
export PGPASSWORD
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  from=(--host=postgres --username=backup --slot=reads)
  rm -rf "$PGDATA.half" # of a copy that was interrupted
  pg_receivewal "${from[@]}" --create-slot --if-not-exists
  pg_basebackup "${from[@]}" --pgdata="$PGDATA.half" --checkpoint=fast --write-recovery-conf
  mv --no-target-directory "$PGDATA.half" "$PGDATA"
fi
exec postgres -c max_connections=300 -c hot_standby_feedback=on
