"""The documents' examples, as a client would follow them."""
