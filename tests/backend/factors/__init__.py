"""Tests of second factors, linked wallets and keys for integrators."""
