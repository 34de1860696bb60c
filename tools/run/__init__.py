"""The local system of `make run`: starts, watches and stops every process of Tombola on one machine."""
