"""How each family's repositories and services are joined."""
