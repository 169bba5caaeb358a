"""Bytes and frames in, frames and bytes out: no paths, clock, environment, database or scheduler."""
