// Names in requests: checked against the distribution grammar, and which names of the image store they mean.
import { isRepositoryPath, isTag, parseReference, renderRepository, tryParseReference } from "../../image/reference.ts";
import { registryProblem } from "./problem.ts";

/** What a request is about. */
export interface Place {
  /** Repository as it stands in the address: "team/app". */
  readonly name: string;
  /** Under which host and port the client reached the registry ("localhost:5000"): images tagged for it here are in it. */
  readonly host: string;
}

/** Throws invalid `registry-name-invalid`. */
export function checkName(name: string): string {
  if (isRepositoryPath(name)) return name;
  throw registryProblem("registry-name-invalid", `${JSON.stringify(name)} is no name of a repository`);
}

/** Throws invalid `registry-digest-invalid`. */
export function checkDigest(digest: string): string {
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  throw registryProblem("registry-digest-invalid", `${JSON.stringify(digest)} is no sha256 digest`);
}

/** A tag or a digest, told apart. Throws invalid `registry-tag-invalid`, `registry-digest-invalid`. */
export function parseTagOrDigest(text: string): { readonly tag: string } | { readonly digest: string } {
  if (text.includes(":")) return { digest: checkDigest(text) };
  if (isTag(text)) return { tag: text };
  throw registryProblem("registry-tag-invalid", `${JSON.stringify(text)} is no tag`);
}

/** Repositories of the image store that a request means: "redis" is docker.io's, and one tagged for this very registry. */
export function localRepositories({ name, host }: Place): readonly string[] {
  const candidates = [name, `${host}/${name}`].map((text) => tryParseReference(text));
  return [...new Set(candidates.flatMap((reference) => (reference ? [renderRepository(reference)] : [])))];
}

/** The name under which a repository of the image store is reached here; undefined where no address can say it (another host's port). */
export function nameOfLocal(repository: string, host: string): string | undefined {
  const { domain, path } = parseReference(repository);
  const name = domain === host ? path : repository;
  return isRepositoryPath(name) ? name : undefined;
}
