"""Gaia: routes a question to a subroutine, runs it and composes a cited answer."""
