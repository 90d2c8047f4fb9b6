"""Owners, roles, settings, audit, health: the parts of them that are not SQL."""
