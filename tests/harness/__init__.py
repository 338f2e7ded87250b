"""What tests share: servers and engines to start, clients, inputs, referees."""
