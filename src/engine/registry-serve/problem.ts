// What can be wrong with a request to the registry, as errors with stable codes. How they look on the wire: src/api/registry/error.ts.
import { type ErrorKind, TsnsError } from "../../base/error.ts";

const kinds = {
  "registry-blob-unknown": "not-found",
  "registry-blob-upload-invalid": "invalid",
  "registry-blob-upload-range": "invalid",
  "registry-blob-upload-unknown": "not-found",
  "registry-denied": "denied",
  "registry-digest-invalid": "invalid",
  "registry-manifest-blob-unknown": "invalid",
  "registry-manifest-invalid": "invalid",
  "registry-manifest-too-large": "invalid",
  "registry-manifest-unknown": "not-found",
  "registry-name-invalid": "invalid",
  "registry-name-unknown": "not-found",
  "registry-page-invalid": "invalid",
  "registry-size-invalid": "invalid",
  "registry-tag-invalid": "invalid",
  "registry-too-many-uploads": "unavailable",
  "registry-unsupported": "unsupported",
} as const satisfies Record<string, ErrorKind>;

export type RegistryProblemCode = keyof typeof kinds;

export function registryProblem(code: RegistryProblemCode, message: string, cause?: unknown): TsnsError {
  return new TsnsError(kinds[code], code, message, cause === undefined ? {} : { cause });
}
