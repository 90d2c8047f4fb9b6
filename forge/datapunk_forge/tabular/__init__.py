"""Learning from tables: columns to numbers, estimators with their preprocessing, search, evaluation."""
