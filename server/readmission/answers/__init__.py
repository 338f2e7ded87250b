"""What people ask: who is covered, the matrix, the network, the work to do."""
