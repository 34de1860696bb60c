#!/usr/bin/env bash
# Makes what is missing of deploy/compose/secrets: random passwords and keys. What is there is never changed.
# The folder is its owner's alone; the files in it are read by other users inside of containers.
set -euo pipefail
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
chmod 0700 "$folder"
cd "$folder"
put() { [ -e "$1" ] || { (set -C; cat > "$1"); chmod 0444 "$1"; echo "$1: made"; }; }
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
for name in postgres_password listener_password backend_password backup_password jwt_secret kms_key keeper_key treasury_key grafana_password; do
  random | put "$name"
done
for role in listener backend; do
  printf 'postgresql://%s:%s@postgres/tombola' "$role" "$(cat "${role}_password")" | put "${role}_database_url"
done
printf 'postgresql://backup:%s@postgres/postgres' "$(cat backup_password)" | put backup_url
for name in smtp_password read_database_url; do
  printf '' | put "$name"
done
for name in tls_certificate tls_key; do
  [ -e "$name" ] || echo "$name: put the site's PEM file here"
done
[ -e backup_certificate ] || echo "backup_certificate: put the certificate of your backups' key here (docs/backup.md)"
