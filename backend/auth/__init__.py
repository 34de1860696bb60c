"""Who is asking: passwords, short access tokens, rotating refresh tokens, and the `CurrentUser` dependency."""
