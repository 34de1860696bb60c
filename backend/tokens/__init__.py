"""Tokens launched by the factory, as the mirror knows them."""
