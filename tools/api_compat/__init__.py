"""Does the API keep what its last release promised? `python -m tools.api_compat`.

The description of the last release is `docs/api/openapi-<version>.json`. What a client of it could not live with is
refused: something taken away, asked for in addition, narrowed in what is sent, or widened in what is answered.
Additions pass; so do new words of an enumeration and new kinds of a thing that has several, in answers (docs/clients.md
says so to integrators). What that release already called deprecated may go. `--write` makes the baseline of a release.
"""
