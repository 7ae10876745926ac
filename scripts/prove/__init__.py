"""The promises of the product, each with the run that proves it (docs/reliability.md)."""
