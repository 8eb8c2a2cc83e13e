"""What is known of many runs at once: rows derived from run directories, never the truth.

An index may be deleted at any time; it is made again from the run directories. It lies beside them in SQLite, or in a
PostgreSQL that a team shares. The tables are defined once, in `crucible_core.runs.index.schema`.
"""
