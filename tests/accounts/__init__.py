"""Accounts: registering, signing in, codes, profiles, and their end."""
