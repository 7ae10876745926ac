"""Mail and SMS: written in the transaction of their cause, delivered by a worker."""
