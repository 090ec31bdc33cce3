"""YAML in: the project file, manifests, included texts and overlays, with file, line and column of each problem."""
