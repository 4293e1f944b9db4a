-- What a laptop that joined a server keeps beside its rows, further.

-- Records of a kind, or in a form, that this program does not know: as they came, for a later one.
CREATE TABLE parked (kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, digest BLOB NOT NULL,
  PRIMARY KEY (kind, id)) WITHOUT ROWID;

-- Changes of somebody who may be here no more, sealed to the company's key until the server has them.
CREATE TABLE escrow (n INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
