"""Programs that measure: growth, speed beside other servers, and what holds under attack."""
