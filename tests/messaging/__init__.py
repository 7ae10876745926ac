"""Messages out: what is written, what is delivered, and what happens when it can't be."""
