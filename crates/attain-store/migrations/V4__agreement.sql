-- Goals that are divided, agreed and acknowledged.

-- Step in the metric's smallest in which a goal is split.
ALTER TABLE goal ADD COLUMN rounding INTEGER NOT NULL DEFAULT 1;
ALTER TABLE goal ADD COLUMN reserve_ppm INTEGER;
ALTER TABLE goal ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE goal ADD COLUMN shifted BLOB;

-- Who sits in it; empty while vacant.
ALTER TABLE seat ADD COLUMN person_id TEXT;

-- Every published change of a goal, what is wished of goals, and who has taken note of what.
CREATE TABLE goal_version (
  goal_id TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (goal_id, version)) WITHOUT ROWID;
CREATE TABLE proposal (id TEXT PRIMARY KEY, state TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE acknowledgement (
  goal_id TEXT NOT NULL, person_id TEXT NOT NULL, version INTEGER NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (goal_id, person_id)) WITHOUT ROWID;
