"""The shop's rules: catalog, cart, orders, roles (CONTRACT section 7)."""
