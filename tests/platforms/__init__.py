"""Stand-ins for platforms: small real HTTP servers that speak the shapes of the public references, and misbehave on demand."""
