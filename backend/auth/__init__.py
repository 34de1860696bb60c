"""Who is asking: passwords, short access tokens, rotating refresh tokens, the `CurrentUser` dependency."""
