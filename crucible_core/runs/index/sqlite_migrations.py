"""How the tables came to be in SQLite, a script for each version; what is published here never changes.

A script that adds columns ends with ``DELETE FROM looks``, so that every run directory is read again.
"""

from __future__ import annotations

MIGRATIONS = (
    """
    CREATE TABLE experiments (
        id TEXT NOT NULL PRIMARY KEY, description TEXT, definition TEXT, runs INTEGER NOT NULL,
        first_run_at TEXT, last_run_at TEXT
    ) WITHOUT ROWID;
    CREATE TABLE definitions (sha256 TEXT NOT NULL PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE runs (
        key TEXT NOT NULL PRIMARY KEY, experiment TEXT NOT NULL, run_id TEXT NOT NULL, home TEXT NOT NULL,
        host TEXT, directory TEXT, place TEXT NOT NULL, description TEXT, definition TEXT, status TEXT NOT NULL,
        failure_stage TEXT, failure_code TEXT, failure_message TEXT, damage TEXT, seed TEXT, created_at TEXT,
        started_at TEXT, finished_at TEXT, duration_s REAL, stages INTEGER NOT NULL, stages_done INTEGER NOT NULL,
        outputs INTEGER, metrics_left_out INTEGER NOT NULL, crucible_version TEXT, spec_file TEXT, git_revision TEXT,
        git_dirty INTEGER, python TEXT, process_host TEXT, process_boot_id TEXT, process_pid INTEGER,
        process_started_at INTEGER
    ) WITHOUT ROWID;
    CREATE INDEX runs_experiment_created_at ON runs (experiment, created_at);
    CREATE INDEX runs_created_at ON runs (created_at);
    CREATE INDEX runs_status ON runs (status);
    CREATE INDEX runs_home_place ON runs (home, place);
    CREATE TABLE stages (
        run TEXT NOT NULL REFERENCES runs (key) ON DELETE CASCADE, position INTEGER NOT NULL, stage TEXT NOT NULL,
        name TEXT, version TEXT, distribution TEXT, distribution_version TEXT, status TEXT NOT NULL, reason TEXT,
        attempts INTEGER, started_at TEXT, duration_s REAL, PRIMARY KEY (run, position)
    ) WITHOUT ROWID;
    CREATE INDEX stages_name_version ON stages (name, version);
    CREATE TABLE metrics (
        run TEXT NOT NULL REFERENCES runs (key) ON DELETE CASCADE, path TEXT NOT NULL, value REAL,
        PRIMARY KEY (run, path)
    ) WITHOUT ROWID;
    CREATE INDEX metrics_path_value ON metrics (path, value);
    CREATE TABLE artifacts (
        run TEXT NOT NULL REFERENCES runs (key) ON DELETE CASCADE, position INTEGER NOT NULL, stage TEXT,
        name TEXT NOT NULL, path TEXT, bytes INTEGER, sha256 TEXT, PRIMARY KEY (run, position)
    ) WITHOUT ROWID;
    CREATE INDEX artifacts_sha256 ON artifacts (sha256);
    CREATE TABLE datasets (
        run TEXT NOT NULL REFERENCES runs (key) ON DELETE CASCADE, name TEXT NOT NULL, source TEXT, sha256 TEXT,
        rows INTEGER, PRIMARY KEY (run, name)
    ) WITHOUT ROWID;
    CREATE INDEX datasets_sha256 ON datasets (sha256);
    CREATE TABLE tags (
        run TEXT NOT NULL REFERENCES runs (key) ON DELETE CASCADE, tag TEXT NOT NULL, PRIMARY KEY (run, tag)
    ) WITHOUT ROWID;
    CREATE INDEX tags_tag ON tags (tag);
    CREATE TABLE looks (
        home TEXT NOT NULL, place TEXT NOT NULL, fingerprint INTEGER NOT NULL, run TEXT, PRIMARY KEY (home, place)
    ) WITHOUT ROWID;
    """,
)
"""Scripts in order; ``PRAGMA user_version`` counts those that were run."""
