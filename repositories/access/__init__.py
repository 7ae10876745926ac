"""Roles and permissions, shared by all families."""
