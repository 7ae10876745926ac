"""The stored documents: the only place that knows collections, queries and indexes."""
