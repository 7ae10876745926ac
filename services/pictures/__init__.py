"""Pictures of every family: what is accepted, how it is kept."""
