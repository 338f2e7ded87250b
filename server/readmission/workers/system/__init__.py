"""What the operating system does for workers: memory, child processes, open files."""
