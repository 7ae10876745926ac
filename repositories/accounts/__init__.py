"""The documents behind accounts: users, sessions, codes and throttles."""
