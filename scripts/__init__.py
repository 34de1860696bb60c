"""Ape commands: `ape run deploy`, `ape run check`, `ape run verify_draw`. Modules that start with `_` are helpers."""
