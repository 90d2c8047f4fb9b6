"""One module a source; a module added here is found by itself. `datapunk.lake.registry.Adapter` says what it has."""
