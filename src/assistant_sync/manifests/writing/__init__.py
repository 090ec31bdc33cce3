"""Writing YAML: new manifests, and edits of files that leave all else as it is."""
