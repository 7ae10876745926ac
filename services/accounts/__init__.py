"""Accounts, sign-in and tokens: one account base for all families (CONTRACT sections 1 and 3)."""
