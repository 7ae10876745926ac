"""SOCIOX over HTTP."""
