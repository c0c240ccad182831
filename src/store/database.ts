// The one place that knows SQLite: opens the store of a data root, holds its schema, runs transactions
// across processes. What the rows mean is known by the record modules beside this file.

import { chmodSync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { isErrno, TsnsError } from "../base/error.ts";
import { ensureDirectory } from "./directory.ts";
import { endpointMigration, leaseNames } from "./endpoint-migration.ts";

/** Bump with every change of `schema`; `migrations[n]` brings version n to n+1. */
const schemaVersion = 8;

/** The first process to open the store reads the whole write-ahead log: small, so that every command starts fast. */
const checkpointPages = 100;

/** What `net nat` and `net forward` made; `applied` 0: its maker has not come to its end. */
const hostRuleTable = `
CREATE TABLE host_rule (number INTEGER PRIMARY KEY, created_ms INTEGER NOT NULL, applied INTEGER NOT NULL, rule TEXT NOT NULL) STRICT;
`;

/** Which blobs belong to images (image-content.ts). */
const imageContentTables = `
CREATE TABLE manifest (digest TEXT NOT NULL, image TEXT NOT NULL, media_type TEXT NOT NULL, PRIMARY KEY (digest, image)) STRICT;
CREATE INDEX manifest_image ON manifest (image);
CREATE TABLE layer_blob (
  diff_id TEXT NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, size_bytes INTEGER NOT NULL, PRIMARY KEY (diff_id, digest)
) STRICT;
CREATE INDEX layer_blob_digest ON layer_blob (digest);
CREATE TABLE blob_hold (digest TEXT NOT NULL, pid INTEGER NOT NULL, start_time INTEGER NOT NULL, PRIMARY KEY (digest, pid)) STRICT;
`;

/** What was pushed to the registry that serves this store (repository.ts). */
const repositoryTables = `
CREATE TABLE repository_manifest (
  repository TEXT NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, size_bytes INTEGER NOT NULL, pushed_ms INTEGER NOT NULL,
  subject TEXT, artifact_type TEXT, annotations TEXT, PRIMARY KEY (repository, digest)
) STRICT;
CREATE INDEX repository_manifest_subject ON repository_manifest (repository, subject) WHERE subject IS NOT NULL;
CREATE TABLE repository_content (
  repository TEXT NOT NULL, manifest TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (repository, manifest, digest)
) STRICT;
CREATE INDEX repository_content_digest ON repository_content (digest);
CREATE TABLE repository_tag (repository TEXT NOT NULL, tag TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (repository, tag)) STRICT;
CREATE TABLE repository_blob (
  repository TEXT NOT NULL, digest TEXT NOT NULL, linked_ms INTEGER NOT NULL, PRIMARY KEY (repository, digest)
) STRICT;
`;

/** What only this data root knows of an image (image-record.ts). */
const imageColumns = `
ALTER TABLE image ADD COLUMN parent TEXT NOT NULL DEFAULT '';
ALTER TABLE image ADD COLUMN tagged_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE image ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX image_parent ON image (parent) WHERE parent <> '';
`;

/** A list of images is read from this index alone, without their records. */
const imageIndex = `
ALTER TABLE image ADD COLUMN size_bytes INTEGER NOT NULL DEFAULT 0;
UPDATE image SET size_bytes = record ->> '$.sizeBytes';
CREATE INDEX image_listed ON image (removed, created_ms DESC, id, size_bytes, parent);
`;

/** Named places for data (volume-record.ts), and how containers ended (death-record.ts): docker keeps the last end alone. */
const volumeTables = `
CREATE TABLE volume (name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL, record TEXT NOT NULL) STRICT;
CREATE TABLE death (container TEXT NOT NULL, at_ms INTEGER NOT NULL, record TEXT NOT NULL) STRICT;
CREATE INDEX death_container ON death (container, at_ms DESC);
`;

/** By the version they start from. */
const migrations: Readonly<Record<number, string>> = {
  1: hostRuleTable,
  2: imageContentTables,
  3: repositoryTables,
  4: imageColumns,
  5: imageIndex,
  6: volumeTables,
  7: endpointMigration,
};

const schema = `
CREATE TABLE container (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_ms INTEGER NOT NULL, spec TEXT NOT NULL, state TEXT NOT NULL
) STRICT;
CREATE TABLE journal (owner TEXT PRIMARY KEY, undo TEXT NOT NULL) STRICT;
CREATE TABLE operation (owner TEXT PRIMARY KEY, name TEXT NOT NULL, pid INTEGER NOT NULL, start_time INTEGER NOT NULL) STRICT;
CREATE TABLE network (name TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, created_ms INTEGER NOT NULL, spec TEXT NOT NULL) STRICT;
CREATE TABLE address_lease (network TEXT NOT NULL, address TEXT NOT NULL, container TEXT NOT NULL, PRIMARY KEY (network, address)) STRICT;
CREATE TABLE port_lease (
  protocol TEXT NOT NULL, host_ip TEXT NOT NULL, host_port INTEGER NOT NULL, container TEXT NOT NULL,
  PRIMARY KEY (protocol, host_port, host_ip)
) STRICT;
CREATE TABLE image (id TEXT PRIMARY KEY, created_ms INTEGER NOT NULL, record TEXT NOT NULL) STRICT;
CREATE TABLE tag (name TEXT PRIMARY KEY, image TEXT NOT NULL) STRICT;
CREATE INDEX tag_image ON tag (image);
CREATE TABLE layer (diff_id TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, created_ms INTEGER NOT NULL) STRICT;
${hostRuleTable}${imageContentTables}${repositoryTables}${imageColumns}${imageIndex}${volumeTables}${leaseNames}
PRAGMA user_version = ${schemaVersion};
`;

/** SQL values a row may hold. */
export type SqlValue = string | number | null;
export type Row = Readonly<Record<string, SqlValue>>;

export interface Database extends Disposable {
  /** First row or undefined. */
  get(sql: string, ...values: SqlValue[]): Row | undefined;
  all(sql: string, ...values: SqlValue[]): Row[];
  /** Number of changed rows. */
  run(sql: string, ...values: SqlValue[]): number;
  /** BEGIN IMMEDIATE ... COMMIT; rolled back when `body` throws. Waits up to 10 s for other writers. Not nested. */
  transaction<T>(body: () => T): T;
  close(): void;
}

/** An empty store that is nowhere: what a dry run on a new data root sees. */
export function openEmptyDatabase(): Database {
  return wrap(initialise(openSqlite(":memory:")), ":memory:");
}

/** Opens (and makes at first use) `root`/store.db. Throws TsnsError unavailable when the disk is full or read-only. */
export function openDatabase(root: string): Database {
  const path = `${root}/store.db`;
  return wrap(connect(root, path), path);
}

/** Loaded when the first store is opened: many looks at the kernel need none, and it takes 3 ms. Others that write are waited for. */
function openSqlite(path: string): DatabaseSync {
  const { DatabaseSync: Class } = process.getBuiltinModule("node:sqlite");
  return new Class(path, { timeout: 10_000 });
}

function wrap(database: DatabaseSync, path: string): Database {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    let statement = statements.get(sql);
    if (!statement) {
      statement = database.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  let relaxed = false;
  // With WAL a commit survives every death of a process; only a power failure may take the newest ones back, never tear one.
  const relax = () => {
    if (!relaxed) database.exec(`PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${checkpointPages}`);
    relaxed = true;
  };
  const guard = <T>(body: () => T): T => {
    try {
      return body();
    } catch (error) {
      throw storeError(error, path);
    }
  };
  const close = () => database.close();
  return {
    get: (sql, ...values) => guard(() => prepare(sql).get(...values) as Row | undefined),
    all: (sql, ...values) => guard(() => prepare(sql).all(...values) as Row[]),
    run(sql, ...values) {
      return guard(() => {
        relax();
        return Number(prepare(sql).run(...values).changes);
      });
    },
    transaction(body) {
      guard(() => {
        relax();
        database.exec("BEGIN IMMEDIATE");
      });
      try {
        const result = body();
        guard(() => database.exec("COMMIT"));
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    },
    close,
    [Symbol.dispose]: close,
  };
}

function connect(root: string, path: string): DatabaseSync {
  try {
    return initialise(openSqlite(path), path);
  } catch (first) {
    if (!isStoreMissing(first)) throw storeError(first, path);
  }
  try {
    ensureDirectory(root, 0o700);
    return initialise(openSqlite(path), path);
  } catch (error) {
    throw storeError(error, path);
  }
}

function initialise(database: DatabaseSync, path?: string): DatabaseSync {
  if (readVersion(database) === schemaVersion) return database;
  // Environments of containers are in it, and --root may be a directory that others can read; the log gets the same mode.
  if (path !== undefined) chmodSync(path, 0o600);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("BEGIN IMMEDIATE");
  const version = readVersion(database);
  if (version === 0) database.exec(schema);
  else if (version < schemaVersion) migrate(database, version);
  database.exec("COMMIT");
  if (version > schemaVersion) {
    throw new TsnsError("unsupported", "store-newer", `the store has version ${version}, this tsns knows ${schemaVersion}`, {
      hint: "use the newer tsns that wrote it, or another --root",
    });
  }
  return database;
}

/** Brings an older store to this version; call inside a transaction. */
function migrate(database: DatabaseSync, from: number): void {
  for (let version = from; version < schemaVersion; version++) database.exec(migrations[version] ?? "");
  database.exec(`PRAGMA user_version = ${schemaVersion}`);
}

function readVersion(database: DatabaseSync): number {
  return Number((database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version);
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

/** SQLITE_CANTOPEN: the directory may not be there yet. */
function isStoreMissing(error: unknown): boolean {
  return sqliteCode(error) === 14;
}

function storeError(error: unknown, path: string): unknown {
  if (error instanceof TsnsError) return error;
  if (isErrno(error, "EACCES", "EPERM")) {
    return new TsnsError("denied", "store-denied", `cannot make the data root of ${path}`, {
      hint: "run as root, or give --root DIR",
      cause: error,
    });
  }
  if (isErrno(error, "ENOENT", "ENOTDIR", "EEXIST", "EROFS", "ENAMETOOLONG")) {
    return new TsnsError("invalid", "bad-root", `no data root can be made for ${path}`, {
      hint: "give --root a directory on a disk",
      cause: error,
    });
  }
  switch (sqliteCode(error)) {
    case 5: // SQLITE_BUSY
      return new TsnsError("unavailable", "store-busy", `the store ${path} is held by another tsns for over 10 s`, { cause: error });
    case 8: // SQLITE_READONLY
    case 14: // SQLITE_CANTOPEN
      return new TsnsError("denied", "store-denied", `cannot open the store ${path}`, {
        hint: "run as root, or give --root DIR",
        cause: error,
      });
    case 13: // SQLITE_FULL
    case 10: // SQLITE_IOERR
      return new TsnsError("unavailable", "disk-full", `cannot write the store ${path}: no space left on its disk`, {
        hint: "free space, or give --root DIR on another disk",
        cause: error,
      });
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return new TsnsError("internal", "store-corrupt", `the store ${path} is damaged`, {
        hint: "move it away; tsns makes a new one",
        cause: error,
      });
    default:
      return error;
  }
}
