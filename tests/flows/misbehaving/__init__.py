"""A package of forms that brings none: loaded by a reading process, it makes files do there what their text says."""
