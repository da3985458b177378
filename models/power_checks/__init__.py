"""What is questionable in how a plan buys its power."""
