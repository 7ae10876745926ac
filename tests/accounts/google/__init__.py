"""Signing in by Google."""
