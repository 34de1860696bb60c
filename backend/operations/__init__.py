"""What operators look at over all users: open intents, paused wallets, the platform's own accounts, fees."""
