#!/usr/bin/env bash
# Bills of materials (CycloneDX, JSON) of what an image holds, from the locks: deploy/sbom.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:?name the folder to write to}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cyclonedx-py requirements --output-format JSON --output-file "$folder/python.json" requirements/runtime.txt
(cd frontend && npm sbom --package-lock-only --omit=dev --sbom-format=cyclonedx) > "$folder/web-app.json"
(npm sbom --package-lock-only --sbom-format=cyclonedx) > "$folder/contracts.json"
