"""Processes beside PostgreSQL: the queue workers and the model host."""
