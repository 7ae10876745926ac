"""The document stores: their language, their engine, and what they promise alike."""
