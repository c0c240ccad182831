// Looking for repositories by words: the search of docker's first registry API, which docker's own hub and few others still have.
import { TsnsError } from "../base/error.ts";
import { isObject, parseObject } from "../base/json.ts";
import { shorten } from "./failure.ts";
import { requestWhole, type Session } from "./session.ts";
import type { HttpAnswer } from "./transport.ts";

export interface SearchResult {
  readonly name: string;
  readonly description: string;
  readonly starCount: number;
  readonly isOfficial: boolean;
  readonly isAutomated: boolean;
}

const answerMaxBytes = 8 * 1024 * 1024;

/** Throws TsnsError unsupported `registry-no-search` where there is none. */
export async function search(session: Session, term: string, limit: number): Promise<readonly SearchResult[]> {
  const host = session.channel.endpoint.host;
  const query = new URLSearchParams({ q: term, n: String(limit) });
  const meaning = ({ status }: HttpAnswer) => ([404, 405, 501].includes(status) ? noSearch(host) : undefined);
  const exchange = { method: "GET", target: `/v1/search?${query}`, scopes: [], attempt: "search", name: term } as const;
  const { bytes } = await requestWhole(session, session.channel, exchange, { statuses: [200], meaning }, answerMaxBytes);
  const results = parseObject(bytes?.toString("utf8") ?? "")?.results;
  if (!Array.isArray(results)) throw noSearch(host);
  return results.filter(isObject).map((result) => ({
    name: shorten(String(result.name ?? "")),
    description: shorten(String(result.description ?? "")),
    starCount: Number(result.star_count) || 0,
    isOfficial: result.is_official === true,
    isAutomated: result.is_automated === true,
  }));
}

function noSearch(host: string): TsnsError {
  return new TsnsError("unsupported", "registry-no-search", `registry ${host} has no search`, {
    hint: "only registries with docker's v1 search have one, docker.io for example",
  });
}
