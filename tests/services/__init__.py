"""Rules of the business, with the real store in memory."""
