"""Settings, logging, and the one place that joins the parts."""
