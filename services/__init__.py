"""The rules of the business: no HTTP, no queries."""
