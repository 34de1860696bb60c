"""Taking one's own key away: a wish, a waiting time with notice, and one encrypted keystore."""
