"""The same scenarios against every real server, and the facts that docs/servers.md tells of each."""
