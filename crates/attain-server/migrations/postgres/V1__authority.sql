-- The authority's tables. `tenant` leads every primary key, so that the tables can be spread over machines by it; bodies
-- are sealed by the application, the rest is clear. Nothing here that CockroachDB and YugabyteDB do not run: hence
-- `sign_in`, as FAMILY is a word of CockroachDB's.

CREATE TABLE tenant (tenant TEXT PRIMARY KEY, name TEXT NOT NULL, wrapped_key BYTEA NOT NULL);
CREATE TABLE tenant_clock (tenant TEXT PRIMARY KEY, seq BIGINT NOT NULL);

CREATE TABLE record (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, seq BIGINT NOT NULL, class TEXT NOT NULL,
  gone BOOLEAN NOT NULL, body BYTEA NOT NULL, PRIMARY KEY (tenant, kind, id));
CREATE UNIQUE INDEX record_seq ON record (tenant, seq);

CREATE TABLE account (
  tenant TEXT NOT NULL, name TEXT NOT NULL, person_id TEXT NOT NULL, password TEXT NOT NULL, disabled BOOLEAN NOT NULL,
  PRIMARY KEY (tenant, name));
CREATE UNIQUE INDEX account_name ON account (name);
CREATE TABLE device (
  tenant TEXT NOT NULL, device TEXT NOT NULL, account TEXT NOT NULL, person_id TEXT NOT NULL, name TEXT NOT NULL,
  epoch BIGINT NOT NULL, last_mid BIGINT NOT NULL, revoked BOOLEAN NOT NULL, PRIMARY KEY (tenant, device));
CREATE TABLE token (
  tenant TEXT NOT NULL, digest BYTEA NOT NULL, device TEXT NOT NULL, sign_in TEXT NOT NULL, refresh BOOLEAN NOT NULL,
  expires BIGINT NOT NULL, used BOOLEAN NOT NULL, attempt BYTEA, PRIMARY KEY (tenant, digest));
CREATE UNIQUE INDEX token_digest ON token (digest);
CREATE INDEX token_device ON token (tenant, device);
CREATE INDEX token_sign_in ON token (tenant, sign_in);

CREATE TABLE mutation (
  tenant TEXT NOT NULL, device TEXT NOT NULL, epoch BIGINT NOT NULL, mid BIGINT NOT NULL, outcome BYTEA NOT NULL,
  before BYTEA NOT NULL, PRIMARY KEY (tenant, device, epoch, mid));
CREATE TABLE chunk (tenant TEXT NOT NULL, hash TEXT NOT NULL, body BYTEA NOT NULL, PRIMARY KEY (tenant, hash));
CREATE TABLE audit (
  tenant TEXT NOT NULL, n BIGINT GENERATED ALWAYS AS IDENTITY, at TEXT NOT NULL, actor TEXT NOT NULL,
  action TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (tenant, n));
