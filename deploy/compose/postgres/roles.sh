#!/bin/bash
# Once, when the database is made: `listener` owns schema mirror, `backend` owns schema app and may only read mirror;
# `backup` copies everything as PostgreSQL's replication does.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username postgres --quiet \
  --set listener="$(cat /run/secrets/listener_password)" --set backend="$(cat /run/secrets/backend_password)" \
  --set backup="$(cat /run/secrets/backup_password)" << 'SQL'
CREATE ROLE listener LOGIN PASSWORD :'listener';
CREATE ROLE backend LOGIN PASSWORD :'backend';
CREATE ROLE backup LOGIN REPLICATION PASSWORD :'backup';
CREATE DATABASE tombola;
GRANT CREATE ON DATABASE tombola TO listener, backend;
\connect tombola
CREATE SCHEMA mirror AUTHORIZATION listener;
CREATE SCHEMA app AUTHORIZATION backend;
GRANT USAGE ON SCHEMA mirror TO backend;
ALTER DEFAULT PRIVILEGES FOR ROLE listener IN SCHEMA mirror GRANT SELECT ON TABLES TO backend;
SQL
# The image's own line lets everybody ask every database, which does not include replication.
echo 'host replication backup all scram-sha-256' >> "$PGDATA/pg_hba.conf"
