"""Keys with which integrators act for an account, within scopes."""
