"""Accounts with an email, which SHOP and SOCIOX share (CONTRACT section 3)."""
