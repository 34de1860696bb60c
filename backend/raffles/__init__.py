"""Raffles as the mirror knows them. Reads only: what users want done goes through `intents`."""
