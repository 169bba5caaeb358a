"""A form nobody thought of, as an office would add it: one model, one layout, the SQL of its summary. Nothing else."""
