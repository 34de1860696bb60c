"""Second factors: one-time codes, passkeys, recovery codes; sign-in and step-up with them."""
