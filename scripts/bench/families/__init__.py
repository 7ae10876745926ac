"""What is measured of each family: its cells, and what has a bar beside them; a module each."""
