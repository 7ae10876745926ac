"""The only place that knows collections, queries and indexes."""
