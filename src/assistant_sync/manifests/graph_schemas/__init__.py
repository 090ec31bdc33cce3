"""The schemas of the graphs: kept as files, and what they say of manifests."""
