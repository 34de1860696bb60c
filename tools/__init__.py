"""Development and operation tools: set-up, the local system of `make run`, checks."""
