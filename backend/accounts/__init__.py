"""Addresses as the mirror knows them: what they hold and take part in. Reads only."""
