// The tables of the store, and how a store of an older version becomes one of this. What the rows mean is known by the record modules.
import { endpointMigration, leaseNames } from "./endpoint-migration.ts";

/** Bump with every change of `schema`; `migrations[n]` brings version n to n+1. */
export const schemaVersion = 8;

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
export const migrations: Readonly<Record<number, string>> = {
  1: hostRuleTable,
  2: imageContentTables,
  3: repositoryTables,
  4: imageColumns,
  5: imageIndex,
  6: volumeTables,
  7: endpointMigration,
};

export const schema = `
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
