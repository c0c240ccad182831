// Errors as the distribution specification writes them: a status and a list of codes in JSON. Knows which error means which.
import { describeErrno, errorTable, KernelError, TsnsError } from "../../base/error.ts";

interface Wire {
  readonly code: string;
  readonly status: number;
}

/** By the stable code of the error. */
const wires: Readonly<Record<string, Wire>> = {
  "registry-blob-unknown": { code: "BLOB_UNKNOWN", status: 404 },
  "registry-blob-upload-invalid": { code: "BLOB_UPLOAD_INVALID", status: 400 },
  "registry-blob-upload-range": { code: "BLOB_UPLOAD_INVALID", status: 416 },
  "registry-blob-upload-unknown": { code: "BLOB_UPLOAD_UNKNOWN", status: 404 },
  "registry-denied": { code: "DENIED", status: 403 },
  "registry-digest-invalid": { code: "DIGEST_INVALID", status: 400 },
  "registry-manifest-blob-unknown": { code: "MANIFEST_BLOB_UNKNOWN", status: 400 },
  "registry-manifest-invalid": { code: "MANIFEST_INVALID", status: 400 },
  "registry-manifest-too-large": { code: "MANIFEST_INVALID", status: 413 },
  "registry-manifest-unknown": { code: "MANIFEST_UNKNOWN", status: 404 },
  "registry-name-invalid": { code: "NAME_INVALID", status: 400 },
  "registry-name-unknown": { code: "NAME_UNKNOWN", status: 404 },
  "registry-page-invalid": { code: "PAGINATION_NUMBER_INVALID", status: 400 },
  "registry-size-invalid": { code: "SIZE_INVALID", status: 400 },
  "registry-tag-invalid": { code: "TAG_INVALID", status: 400 },
  "registry-too-many-uploads": { code: "TOOMANYREQUESTS", status: 429 },
  "registry-unauthorized": { code: "UNAUTHORIZED", status: 401 },
  "registry-unsupported": { code: "UNSUPPORTED", status: 405 },
};

export interface WireError {
  readonly status: number;
  readonly body: string;
  /** For the log: one line. */
  readonly reason: string;
}

/** What a client is told; defects of tsns say only that. */
export function wireError(error: unknown): WireError {
  const known = error instanceof TsnsError ? error : undefined;
  const wire = wires[known?.code ?? ""] ?? { code: "UNKNOWN", status: known ? errorTable[known.kind].httpStatus : 500 };
  const reason = error instanceof Error ? error.message : String(error);
  // paths of this machine are nothing to a client
  const messages =
    error instanceof KernelError ? [describeErrno(error.errno)] : known ? (known.problems ?? [known.message]) : ["internal error"];
  return {
    status: wire.status,
    reason,
    body: `${JSON.stringify({ errors: messages.map((message) => ({ code: wire.code, message })) })}\n`,
  };
}
