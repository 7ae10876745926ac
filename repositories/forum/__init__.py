"""The forum's documents: posts, replies, likes and sleep records."""
