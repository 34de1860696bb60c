"""What people change about their own account: name, language, picture, password, address."""
