-- The encrypted store of a workspace. Days are days of the common era (chrono's num_days_from_ce), months are
-- year * 12 + month - 1, amounts are integers of the smallest unit, `until` is exclusive and 2147483647 when open.

CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Repeated words of facts: sources, products, customer types, currencies.
CREATE TABLE term (n INTEGER PRIMARY KEY, kind INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE (kind, text));

CREATE TABLE unit (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, name_en TEXT, kind TEXT NOT NULL);
CREATE TABLE unit_parent (
  unit INTEGER NOT NULL REFERENCES unit (n), parent INTEGER NOT NULL REFERENCES unit (n),
  since INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (unit, since)) WITHOUT ROWID;
CREATE TABLE seat (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, unit INTEGER NOT NULL REFERENCES unit (n), position TEXT NOT NULL,
  name TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL);

CREATE TABLE person (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, name_en TEXT);
CREATE TABLE assignment (
  n INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES person (n), unit INTEGER NOT NULL REFERENCES unit (n),
  position TEXT NOT NULL, fte_ppm INTEGER NOT NULL, seat INTEGER REFERENCES seat (n),
  since INTEGER NOT NULL, until INTEGER NOT NULL);
CREATE INDEX assignment_person ON assignment (person, since);
CREATE INDEX assignment_unit ON assignment (unit, since);
CREATE TABLE leave (
  person INTEGER NOT NULL REFERENCES person (n), kind TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
  PRIMARY KEY (person, since)) WITHOUT ROWID;
CREATE TABLE unit_role (
  n INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES person (n), unit INTEGER NOT NULL REFERENCES unit (n),
  role TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL);
CREATE INDEX unit_role_person ON unit_role (person);

-- Facts. One row an event; identity is (order_id, source, event, day, product), revisions that were superseded are kept.
CREATE TABLE order_event (
  n INTEGER PRIMARY KEY, order_id TEXT NOT NULL, source INTEGER NOT NULL, event INTEGER NOT NULL, day INTEGER NOT NULL,
  product INTEGER NOT NULL, customer INTEGER NOT NULL, customer_type INTEGER NOT NULL, person INTEGER NOT NULL,
  amount INTEGER NOT NULL, cost INTEGER, currency INTEGER NOT NULL, credited INTEGER NOT NULL,
  revision INTEGER NOT NULL, batch INTEGER NOT NULL);
CREATE UNIQUE INDEX order_event_identity ON order_event (order_id, source, event, day, product);
CREATE TABLE order_superseded (
  event INTEGER NOT NULL, revision INTEGER NOT NULL, batch INTEGER NOT NULL, superseded_by INTEGER NOT NULL,
  customer INTEGER NOT NULL, customer_type INTEGER NOT NULL, person INTEGER NOT NULL, amount INTEGER NOT NULL,
  cost INTEGER, currency INTEGER NOT NULL, PRIMARY KEY (event, revision)) WITHOUT ROWID;
CREATE INDEX order_superseded_by ON order_superseded (superseded_by);

CREATE TABLE credit (
  order_id TEXT NOT NULL, person INTEGER NOT NULL, role TEXT NOT NULL, share TEXT NOT NULL, since INTEGER NOT NULL,
  PRIMARY KEY (order_id, person, role)) WITHOUT ROWID;
CREATE INDEX credit_person ON credit (person);

-- first_day and first_event are derived: the customer's first order ever, with anyone.
CREATE TABLE customer (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, first_day INTEGER, first_event INTEGER);
CREATE TABLE customer_owner (
  customer INTEGER NOT NULL REFERENCES customer (n), person INTEGER NOT NULL REFERENCES person (n),
  since INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (customer, since)) WITHOUT ROWID;
CREATE TABLE rate (
  currency TEXT NOT NULL, since INTEGER NOT NULL, rate TEXT NOT NULL, PRIMARY KEY (currency, since)) WITHOUT ROWID;
CREATE TABLE metric_value (
  person INTEGER NOT NULL, metric TEXT NOT NULL, month INTEGER NOT NULL, num INTEGER NOT NULL, den INTEGER NOT NULL,
  PRIMARY KEY (person, metric, month)) WITHOUT ROWID;
CREATE TABLE working_day (day INTEGER PRIMARY KEY, working INTEGER NOT NULL, label TEXT NOT NULL);
CREATE TABLE working_year (year INTEGER PRIMARY KEY);

-- Derived from order events and credits, kept in the same transaction; `rebuild` makes them anew.
CREATE TABLE person_day (
  person INTEGER NOT NULL, day INTEGER NOT NULL, booked INTEGER NOT NULL, refunded INTEGER NOT NULL,
  overlay INTEGER NOT NULL, orders INTEGER NOT NULL, new_customers INTEGER NOT NULL, costed INTEGER NOT NULL,
  cost INTEGER NOT NULL, PRIMARY KEY (person, day)) WITHOUT ROWID;
CREATE TABLE unit_day (
  unit INTEGER NOT NULL, day INTEGER NOT NULL, booked INTEGER NOT NULL, refunded INTEGER NOT NULL,
  overlay INTEGER NOT NULL, orders INTEGER NOT NULL, new_customers INTEGER NOT NULL, costed INTEGER NOT NULL,
  cost INTEGER NOT NULL, PRIMARY KEY (unit, day)) WITHOUT ROWID;
CREATE TABLE person_customer_month (
  person INTEGER NOT NULL, month INTEGER NOT NULL, customer INTEGER NOT NULL, orders INTEGER NOT NULL,
  amount INTEGER NOT NULL, PRIMARY KEY (person, month, customer)) WITHOUT ROWID;
-- Tables rather than indexes, so that a large import can write them in the order of their keys: whose day an event
-- belongs to (its person's, or those of its credits), and the months of a customer.
CREATE TABLE person_event (
  person INTEGER NOT NULL, day INTEGER NOT NULL, event INTEGER NOT NULL, PRIMARY KEY (person, day, event)) WITHOUT ROWID;
CREATE TABLE customer_month (
  customer INTEGER NOT NULL, month INTEGER NOT NULL, person INTEGER NOT NULL,
  PRIMARY KEY (customer, month, person)) WITHOUT ROWID;

-- Decisions.
CREATE TABLE goal (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, parent_id TEXT, owner_kind INTEGER NOT NULL, owner_id TEXT NOT NULL,
  metric TEXT NOT NULL, year INTEGER NOT NULL, months BLOB NOT NULL, weight INTEGER, weight_months INTEGER,
  month_weights BLOB, locked INTEGER NOT NULL, locked_months INTEGER NOT NULL);
CREATE INDEX goal_parent ON goal (parent_id);
CREATE INDEX goal_owner ON goal (owner_id, metric, year);
CREATE INDEX goal_year ON goal (year, metric);
CREATE TABLE plan (
  id TEXT NOT NULL, version INTEGER NOT NULL, source TEXT NOT NULL, published_by TEXT NOT NULL,
  published_at TEXT NOT NULL, PRIMARY KEY (id, version)) WITHOUT ROWID;
CREATE TABLE period (month INTEGER PRIMARY KEY, closed_by TEXT NOT NULL, closed_at TEXT NOT NULL);
CREATE TABLE note (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, author_id TEXT NOT NULL, about_id TEXT NOT NULL, at TEXT NOT NULL,
  kind TEXT NOT NULL, visibility TEXT NOT NULL, text TEXT NOT NULL, edited_at TEXT, actions TEXT NOT NULL);
CREATE INDEX note_about ON note (about_id, at);
CREATE VIRTUAL TABLE note_term USING fts5 (
  terms, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2");
INSERT INTO note_term (note_term, rank) VALUES ('secure-delete', 1);
CREATE TABLE snooze (
  person_id TEXT NOT NULL, item_id TEXT NOT NULL, until INTEGER NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (person_id, item_id)) WITHOUT ROWID;
CREATE TABLE draft (
  person_id TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, saved_at TEXT NOT NULL,
  PRIMARY KEY (person_id, key)) WITHOUT ROWID;

-- Bodies of the sealed classes (pay), each under its class key.
CREATE TABLE sealed (
  class TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (class, kind, id)) WITHOUT ROWID;

-- Journals. A mutation's row leaves the outbox when a server has answered; a workspace of its own keeps them for joining.
CREATE TABLE mutation (
  mid INTEGER PRIMARY KEY, name TEXT NOT NULL, version INTEGER NOT NULL, actor_id TEXT NOT NULL, claimed_at TEXT NOT NULL,
  args TEXT NOT NULL, undoable INTEGER NOT NULL, undone_by INTEGER, undoes INTEGER, summary TEXT NOT NULL);
CREATE TABLE undo (mid INTEGER PRIMARY KEY, body BLOB NOT NULL, sealed BLOB);
CREATE TABLE import_batch (
  batch INTEGER PRIMARY KEY, mid INTEGER NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL, file_name TEXT NOT NULL,
  digest TEXT NOT NULL, at TEXT NOT NULL, actor_id TEXT NOT NULL, rows INTEGER NOT NULL, imported INTEGER NOT NULL,
  unchanged INTEGER NOT NULL, rejected INTEGER NOT NULL);

-- Append-only, each entry hashed with the one before it. Detail about pay or notes names subjects, never contents.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY, at TEXT NOT NULL, actor_id TEXT NOT NULL, action TEXT NOT NULL, class TEXT NOT NULL,
  subjects TEXT NOT NULL, detail TEXT NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE (ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE (ABORT, 'the audit trail is append-only'); END;
