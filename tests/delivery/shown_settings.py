"""Loads the backend's settings as a process does, and prints some of them: what a container's entry point passed on."""

import json

from backend.settings import load_settings

settings = load_settings()
mode = settings.kms_file.stat().st_mode & 0o777
print(json.dumps({"database_url": settings.database_url, "kms_mode": f"{mode:o}", "site": settings.site}))
