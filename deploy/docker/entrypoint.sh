#!/bin/sh
# Takes settings and keys from files, then becomes the process: entrypoint.sh backend api
#   $SECRETS_DIR/JWT_SECRET    a file named as a setting is that setting, unless the environment has it
#   $SECRETS_DIR/kms.key       a key is copied to $KEYS_DIR with mode 0600, as the services demand: KMS_FILE=/run/keys/kms.key
# Values never stand in a command line, a log or an image.
set -eu
umask 077
for file in "${SECRETS_DIR:-/run/secrets}"/*; do
  [ -f "$file" ] || continue
  name=${file##*/}
  case $name in
    *.key) cat "$file" > "${KEYS_DIR:-/run/keys}/$name" ;;
    *[!A-Z0-9_]* | [0-9]*) ;;
    *)
      if eval "[ -z \"\${$name+given}\" ]"; then
        value=$(cat "$file")
        export "$name=$value"
      fi
      ;;
  esac
done
exec python -m "$@"
