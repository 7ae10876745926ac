"""The forum's rules: posts, replies, likes and sleep records (CONTRACT section 4)."""
