"""Does the live API answer as its OpenAPI says? Schemathesis asks every operation, as nobody, a user and an administrator.

`live` starts a real API process with things in it, `hooks` is what schemathesis loads, `run` starts schemathesis.
`make fuzz-api` (`__main__`) runs long; tests/backend/test_conformance.py is the quick one.
"""
