"""Cortex: chunks texts, searches them by words and by meaning."""
