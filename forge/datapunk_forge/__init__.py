"""The model factory: recipes, trainers, evaluation and export; runs in workers, never in a backend."""
