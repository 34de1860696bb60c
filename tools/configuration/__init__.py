"""The configuration reference, docs/configuration.md: `python -m tools.configuration` writes it.

Type, bounds and default are those of `backend.settings.Settings`, what production refuses is read from its validators,
and the listener's options are its parser's. What a setting means, and who uses it, stands in `meanings.toml`.
"""
