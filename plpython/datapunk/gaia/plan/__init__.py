"""Plans: several steps that need each other, read from JSON, checked, and executed by one engine."""
