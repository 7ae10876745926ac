"""SOCIOX: what is kept of children, plans and subscriptions."""
