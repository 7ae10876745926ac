"""Documents of messages that leave the product: mail and SMS."""
