"""State machines (RELIABILITY P6): the running application beside models of a few lines."""
