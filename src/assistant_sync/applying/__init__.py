"""Carrying a plan out: the executor, one write at a time per assistant, settling, and read-back."""
