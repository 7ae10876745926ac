"""SHOP over HTTP."""
