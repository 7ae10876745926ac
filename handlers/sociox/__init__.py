"""SOCIOX: parents and children, admins, plans, subscriptions."""
