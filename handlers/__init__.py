"""HTTP: the routes, their requests and answers."""
