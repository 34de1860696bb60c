"""What a user's wallet may do: how much, to whom, and whether at all. Decided when an intent is accepted."""
