#!/bin/bash
# Once, when the database is made: `listener` owns schema mirror, `backend` owns schema app and may only read mirror.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username postgres --quiet \
  --set listener="$(cat /run/secrets/listener_password)" --set backend="$(cat /run/secrets/backend_password)" << 'SQL'
CREATE ROLE listener LOGIN PASSWORD :'listener';
CREATE ROLE backend LOGIN PASSWORD :'backend';
CREATE DATABASE tombola;
GRANT CREATE ON DATABASE tombola TO listener, backend;
\connect tombola
CREATE SCHEMA mirror AUTHORIZATION listener;
CREATE SCHEMA app AUTHORIZATION backend;
GRANT USAGE ON SCHEMA mirror TO backend;
ALTER DEFAULT PRIVILEGES FOR ROLE listener IN SCHEMA mirror GRANT SELECT ON TABLES TO backend;
SQL
