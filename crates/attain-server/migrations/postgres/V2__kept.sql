-- What is kept of changes that had no effect, and of laptops' trails. Bodies are sealed by the application.

-- A refused change as it was pushed.
ALTER TABLE mutation ADD COLUMN refused BYTEA;

-- Boxes of those who may be here no more.
CREATE TABLE escrow (
  tenant TEXT NOT NULL, hash TEXT NOT NULL, device TEXT NOT NULL, at TEXT NOT NULL, body BYTEA NOT NULL,
  PRIMARY KEY (tenant, hash));

-- Entries of laptops' trails in the order they came; `fits` says whether one goes on from the one before it.
CREATE TABLE trail (
  n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant TEXT NOT NULL, device TEXT NOT NULL, seq BIGINT NOT NULL, hash BYTEA NOT NULL,
  fits BOOLEAN NOT NULL, body BYTEA NOT NULL);
CREATE UNIQUE INDEX trail_hash ON trail (tenant, device, hash);
