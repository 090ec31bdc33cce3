"""One file per use case: gather, call the pure code, return a value. No click, no print."""
