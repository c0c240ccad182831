// The one place that knows SQLite: opens the store of a data root, brings it to the newest schema, runs transactions
// across processes. What the rows mean is known by the record modules beside this file.

import { chmodSync, statSync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { isErrno, TsnsError } from "../base/error.ts";
import { ensureDirectory } from "./directory.ts";
import { migrations, schema, schemaVersion } from "./schema.ts";

/** The first process to open the store reads the whole write-ahead log: small, so that every command starts fast. */
export const logPages = 100;
export const pageBytes = 4096;
/** A frame of the log is a page and 24 bytes. */
const logBytes = logPages * (pageBytes + 24);
const waitMs = 10_000;

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
  return new Class(path, { timeout: waitMs });
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
    if (!relaxed) database.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0");
    relaxed = true;
  };
  // SQLite's own check-point leaves the log's file as long as it is, and that all of it was taken in is known only while some process has
  // the store open: after it, the next one would read all of it again and write behind it.
  const shortenLog = () => {
    if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) <= logBytes) return;
    try {
      // Nobody is waited for: what others are reading stays in the log until the next time.
      database.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // A full disk: what was written stands in the log.
    } finally {
      database.exec(`PRAGMA busy_timeout = ${waitMs}`);
    }
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
        const changes = Number(prepare(sql).run(...values).changes);
        if (!database.isTransaction) shortenLog();
        return changes;
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
        shortenLog();
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
