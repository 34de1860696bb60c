"""People with an account: registration, sign-in, sign-out, profile."""
