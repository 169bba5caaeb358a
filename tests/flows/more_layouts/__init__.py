"""One layout more than ours, for a backfill to read with: a package as another office would bring it."""
