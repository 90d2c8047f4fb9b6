"""The model host: one process that holds the models and answers over a Unix socket."""
