"""Incidents: what operators tell everybody about a disturbance, from its beginning to its end."""
