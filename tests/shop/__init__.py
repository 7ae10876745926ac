"""SHOP, route by route and rule by rule."""
