"""YAML in: the project file, manifests, included texts and overlays, each problem with its place."""
