"""Where an account is signed in, and ending that."""
