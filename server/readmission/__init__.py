"""The Readmission Graph: build it, check it, ask it, publish it."""
