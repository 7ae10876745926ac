"""Measurements: each module one subject, each figure printed by a command."""
