// What a process that answers names consists of: the directory on the store, the resolver, `dns trace` for others.
import { renderJson } from "../../base/text.ts";
import type { NameTrace } from "../../name/trace.ts";
import type { Engine } from "../engine.ts";
import { askServer } from "./client.ts";
import { openDirectory } from "./directory.ts";
import { openResolver, type Resolver } from "./resolver.ts";
import type { TraceRequest } from "./trace.ts";

export function openNameService(engine: Engine): Resolver {
  return openResolver({ directory: openDirectory(engine.store) });
}

/** One line of JSON: the trace, or `{"error"}`. Never rejects. */
export async function traceLine(engine: Engine, resolver: Resolver, request: Readonly<Record<string, unknown>>): Promise<string> {
  try {
    // the server is rarely asked for one
    const { traceName } = await import("./trace.ts");
    return renderJson(await traceName(engine, resolver, request.request as TraceRequest));
  } catch (error) {
    return JSON.stringify({ error: error instanceof Error ? error.message : String(error) });
  }
}

/** The running server's own trace, which knows what servers were silent lately; without one the same code here. */
export async function traceForContainer(engine: Engine, request: TraceRequest): Promise<NameTrace> {
  const { checkTrace, traceName } = await import("./trace.ts");
  checkTrace(engine, request);
  let line = "";
  if (await askServer(engine.root, { ask: "trace", request }, (text) => (line += text))) {
    // What it could not do is said better from here.
    const answer = line === "" ? {} : (JSON.parse(line) as Partial<NameTrace>);
    if (answer.steps) return answer as NameTrace;
  }
  return traceName(engine, openNameService(engine), request);
}
