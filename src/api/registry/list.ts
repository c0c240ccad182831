// Handlers of lists: the version check, repositories, tags. Long ones come in pages, linked as the specification has it.
import { listCatalog, listTags, type Page, type PageRequest } from "../../engine/registry-serve/catalog.ts";
import { registryProblem } from "../../engine/registry-serve/problem.ts";
import { answerJson, type Exchange, type Headers, hostOf, nameAt, placeOf } from "./exchange.ts";

export function getVersion(exchange: Exchange): void {
  answerJson(exchange, {});
}

export function getCatalog(exchange: Exchange): void {
  const request = pageOf(exchange);
  const page = listCatalog(exchange.service, hostOf(exchange), request);
  answerJson(exchange, { repositories: page.names }, linkOf("/v2/_catalog", request, page));
}

export function getTags(exchange: Exchange): void {
  const request = pageOf(exchange);
  const page = listTags(exchange.service, placeOf(exchange), request);
  const name = nameAt(exchange, 0);
  answerJson(exchange, { name, tags: page.names }, linkOf(`/v2/${name}/tags/list`, request, page));
}

function pageOf({ query }: Exchange): PageRequest {
  const count = query.get("n");
  if (count !== null && !/^\d{1,9}$/.test(count)) {
    throw registryProblem("registry-page-invalid", `n=${JSON.stringify(count)} is no number of names`);
  }
  return { count: count === null ? undefined : Number(count), last: query.get("last") ?? undefined };
}

function linkOf(path: string, { count }: PageRequest, { names, hasMore }: Page): Headers {
  const last = names.at(-1);
  return hasMore && last !== undefined ? { Link: `<${path}?n=${count}&last=${encodeURIComponent(last)}>; rel="next"` } : {};
}
