// Follows a name as a resolver in a container would: hosts file, search list, then the code of the name server itself.
import { TsnsError } from "../../base/error.ts";
import { isLive } from "../../container/record.ts";
import { readTextIfThere } from "../../kernel/text-file.ts";
import { type AskedView, viewOfAsked } from "../../name/log.ts";
import { encodeQuery, isDomainName } from "../../name/record.ts";
import { addressesInHosts, expandName, parseResolvConf, type ResolvConf } from "../../name/resolv-conf.ts";
import { reverseName } from "../../name/reverse.ts";
import type { NameTrace, TraceStep } from "../../name/trace.ts";
import { renderUpstream } from "../../name/upstream.ts";
import { headerBytes, readQuery } from "../../name/wire.ts";
import { parseIp } from "../../network/link-address.ts";
import { findContainer } from "../../store/container-record.ts";
import { containerDirectory } from "../container/directory.ts";
import { observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";
import type { View } from "./directory.ts";
import { isLocal, type Resolver } from "./resolver.ts";

export interface TraceRequest {
  /** Name, id, or the start of one. */
  readonly container: string;
  readonly name: string;
  /** Of record.ts's askableTypes; empty: both families of addresses, PTR of an address. */
  readonly types: readonly string[];
}

/** The address by which containers on networks with names ask. */
export const insideAddress = "127.0.0.11";

/** Whose files and network a container has. `passed`: ids of those that led here. Throws not-found, conflict where nothing can ask. */
function askerOf(engine: Engine, reference: string, passed: readonly string[] = []): { readonly id: string; readonly name: string } {
  const record = findContainer(engine.store, reference);
  const { name, spec } = record;
  if (spec.network.mode === "none") {
    throw new TsnsError("conflict", "no-network", `container ${name} has no network: it asks nobody`, {
      hint: "it was made with --network none",
    });
  }
  if (!isLive(observeContainer(engine, record))) {
    throw new TsnsError("conflict", "not-running", `container ${name} is not running: it has no names`, { hint: `tsns start ${name}` });
  }
  // A name may mean another one than the one that was joined, even one of those that this one led to.
  const isOwn = spec.network.mode !== "container" || passed.includes(record.id);
  return { id: isOwn ? record.id : askerOf(engine, spec.network.container, [...passed, record.id]).id, name };
}

/** Checks the request and finds the container; what may be wrong is said before anything is asked. */
export function checkTrace(engine: Engine, { container, name }: TraceRequest): void {
  askerOf(engine, container);
  if (parseIp(name) === undefined && !isDomainName(name)) {
    throw new TsnsError("invalid", "bad-name", `"${name}" is no domain name`, { hint: "labels of 1 to 63 bytes with dots between them" });
  }
}

export async function traceName(engine: Engine, resolver: Resolver, request: TraceRequest): Promise<NameTrace> {
  const { id, name: container } = askerOf(engine, request.container);
  const { path } = containerDirectory(engine.root, id);
  const conf = parseResolvConf(readText(`${path}/resolv.conf`));
  resolver.refresh();
  const isAskedHere = conf.servers.includes(insideAddress);
  const own = resolver.directory.view(id);
  const view = isAskedHere ? own : { ...own, servers: conf.servers };
  const upstreams = isAskedHere && own.scope.hasOutside ? resolver.servers(own) : [];
  const inHosts = addressesInHosts(readText(`${path}/hosts`), request.name);
  const steps =
    inHosts.length > 0 && request.types.length === 0
      ? [fromHosts(request.name, inHosts)]
      : await ask(resolver, view, isAskedHere, conf, request);
  return {
    container,
    name: request.name,
    ...conf,
    upstreams: upstreams.map(renderUpstream),
    down: upstreams.filter((server) => resolver.health.isDown(server, Date.now())).map(renderUpstream),
    steps,
    found: steps.some(({ answers }) => answers.length > 0),
  };
}

const fromHosts = (name: string, addresses: readonly string[]): TraceStep => ({
  name,
  type: "-",
  source: "/etc/hosts",
  result: "NOERROR",
  answers: addresses,
  ms: 0,
  attempts: [],
});

/** Name after name until one has an answer. */
async function ask(resolver: Resolver, view: View, isAskedHere: boolean, conf: ResolvConf, request: TraceRequest): Promise<TraceStep[]> {
  const backwards = reverseName(parseIp(request.name) ?? "");
  const types = request.types.length > 0 ? request.types : backwards ? ["PTR"] : ["A", "AAAA"];
  const names = backwards ? [`${backwards}.`] : expandName(request.name, conf).filter(isDomainName);
  const steps: TraceStep[] = [];
  for (const name of names) {
    for (const type of types) steps.push(await askOnce(resolver, view, isAskedHere, name, type));
    if (steps.some(({ answers }) => answers.length > 0)) break;
  }
  return steps;
}

/** One question, as a connection of the server would treat it. */
async function askOnce(resolver: Resolver, view: View, isAskedHere: boolean, name: string, type: string): Promise<TraceStep> {
  const message = encodeQuery(name, type, 0);
  const query = readQuery(message);
  if ("rcode" in query) throw new TsnsError("invalid", "bad-name", `"${name}" cannot be asked for`);
  const begin = performance.now();
  const question = message.toString("latin1", headerBytes, query.end);
  const decision = isAskedHere ? resolver.decide(view, message, query, question) : "outside";
  const asked = { atMs: Date.now(), container: view.container, question, isStream: true };
  if (isLocal(decision)) return stepOf(viewOfAsked({ ...asked, ms: performance.now() - begin, outcome: decision }), name);
  const { answer, forwarded } = await resolver.pass(view, message, query, true);
  const outcome = { server: forwarded.server, attempts: forwarded.attempts, message: answer };
  return stepOf(viewOfAsked({ ...asked, ms: performance.now() - begin, outcome }), name);
}

function stepOf({ type, source, result, answers, ms, attempts }: AskedView, name: string): TraceStep {
  return { name, type, source, result, answers, ms, attempts };
}

const readText = (path: string): string => readTextIfThere(path) ?? "";
