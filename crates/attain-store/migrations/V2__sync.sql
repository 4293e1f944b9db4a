-- What a laptop that joined a server keeps beside its rows.

-- 0 made where no server is asked, 1 waits for the server, 2 applied there, 3 refused there, 4 taken back before it went.
ALTER TABLE mutation ADD COLUMN state INTEGER NOT NULL DEFAULT 0;
-- Number within the device's epoch, given when it is first sent.
ALTER TABLE mutation ADD COLUMN wire INTEGER;
-- The day it was reckoned at.
ALTER TABLE mutation ADD COLUMN today INTEGER;
CREATE INDEX mutation_waiting ON mutation (state, mid) WHERE state IN (1, 2);

-- The records received, by digest: what is compared with the server.
CREATE TABLE held (kind TEXT NOT NULL, id TEXT NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;

-- Rows of an import that waits, kept when the tables had to be emptied under it; pay bodies sealed.
CREATE TABLE kept_rows (mid INTEGER PRIMARY KEY, body BLOB NOT NULL, sealed BLOB);

-- Refused changes, for their author to settle.
CREATE TABLE attention (
  mid INTEGER PRIMARY KEY, code TEXT NOT NULL, params TEXT NOT NULL, at TEXT NOT NULL, settled INTEGER NOT NULL DEFAULT 0);
