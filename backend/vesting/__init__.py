"""Vesting plans and grants, as the mirror knows them."""
