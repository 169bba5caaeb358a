"""Test-only forms."""
