"""Topics, subscriptions and deliveries over pgmq; nearly all of it is SQL."""
