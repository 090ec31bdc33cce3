"""The assistants API of a deployment: a client that reads, and one that writes, too."""
