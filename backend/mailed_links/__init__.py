"""Links sent by mail: to confirm an address, and to choose a new password. Each works once, for a while."""
