-- The authority's tables. `tenant` leads every key; bodies are sealed by the application, the rest is clear.

CREATE TABLE tenant (tenant TEXT PRIMARY KEY, name TEXT NOT NULL, wrapped_key BLOB NOT NULL);
CREATE TABLE tenant_clock (tenant TEXT PRIMARY KEY, seq INTEGER NOT NULL);

CREATE TABLE record (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, class TEXT NOT NULL,
  gone INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (tenant, kind, id));
CREATE UNIQUE INDEX record_seq ON record (tenant, seq);

CREATE TABLE account (
  tenant TEXT NOT NULL, name TEXT NOT NULL, person_id TEXT NOT NULL, password TEXT NOT NULL, disabled INTEGER NOT NULL,
  PRIMARY KEY (tenant, name));
CREATE UNIQUE INDEX account_name ON account (name);
CREATE TABLE device (
  tenant TEXT NOT NULL, device TEXT NOT NULL, account TEXT NOT NULL, person_id TEXT NOT NULL, name TEXT NOT NULL,
  epoch INTEGER NOT NULL, last_mid INTEGER NOT NULL, revoked INTEGER NOT NULL, PRIMARY KEY (tenant, device));
CREATE TABLE token (
  digest BLOB PRIMARY KEY, tenant TEXT NOT NULL, device TEXT NOT NULL, family TEXT NOT NULL, refresh INTEGER NOT NULL,
  expires INTEGER NOT NULL, used INTEGER NOT NULL, attempt BLOB);
CREATE INDEX token_device ON token (tenant, device);

CREATE TABLE mutation (
  tenant TEXT NOT NULL, device TEXT NOT NULL, epoch INTEGER NOT NULL, mid INTEGER NOT NULL, outcome BLOB NOT NULL,
  before BLOB NOT NULL, PRIMARY KEY (tenant, device, epoch, mid));
CREATE TABLE chunk (tenant TEXT NOT NULL, hash TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (tenant, hash));
CREATE TABLE audit (
  n INTEGER PRIMARY KEY, tenant TEXT NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  detail TEXT NOT NULL);
