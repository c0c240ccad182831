// Use case: repositories of a registry by words.
import { TsnsError } from "../../base/error.ts";
import type { SearchResult } from "../../registry/search.ts";
import { connectRegistry, type RegistryAccess } from "../registry.ts";
import { defaultServer, parseServer } from "./server.ts";

export type { SearchResult };

export interface SearchRequest extends RegistryAccess {
  /** Words, or HOST/words. */
  readonly term: string;
  /** At most so many results. */
  readonly limit: number;
  /** KEY=VALUE of is-official, is-automated, stars. */
  readonly filters: readonly string[];
}

const searchHost = "index.docker.io";

/** In the registry's order. Throws TsnsError invalid `bad-filter`, unsupported `registry-no-search`. */
export async function searchRegistry(request: SearchRequest): Promise<readonly SearchResult[]> {
  const tests = request.filters.map(parseFilter);
  const { domain, words } = splitTerm(request.term);
  using registry = await connectRegistry({ domain: domain === defaultServer ? searchHost : domain, path: "" }, [], request);
  const results = await registry.search(words, request.limit);
  return results.filter((result) => tests.every((test) => test(result))).slice(0, request.limit);
}

/** The host before the first slash, by the rule of references. */
function splitTerm(term: string): { domain: string; words: string } {
  const slash = term.indexOf("/");
  const first = term.slice(0, Math.max(slash, 0));
  if (slash < 0 || !(/[.:]/.test(first) || first === "localhost")) return { domain: defaultServer, words: term };
  return { domain: parseServer(first), words: term.slice(slash + 1) };
}

function parseFilter(filter: string): (result: SearchResult) => boolean {
  const at = filter.indexOf("=");
  const [key, value] = [filter.slice(0, Math.max(at, 0)), filter.slice(at + 1)];
  const truth = /^(?:1|t|true)$/i.test(value) ? true : /^(?:0|f|false)$/i.test(value) ? false : undefined;
  if (key === "is-official" && truth !== undefined) return (result) => result.isOfficial === truth;
  if (key === "is-automated" && truth !== undefined) return (result) => result.isAutomated === truth;
  if (key === "stars" && /^\d+$/.test(value)) return (result) => result.starCount >= Number(value);
  throw new TsnsError("invalid", "bad-filter", `invalid filter '${filter}'`, {
    hint: "write is-official=true, is-automated=false or stars=NUMBER",
  });
}
