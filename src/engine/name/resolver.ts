// What a container's question comes to: an answer from the networks it is on, or one of another server. Remembers decisions and the last
// questions. Knows nothing of sockets towards containers.
import { type Decision, decide, type LocalAnswer, refusal } from "../../name/answer.ts";
import { type AskedLog, makeAskedLog } from "../../name/log.ts";
import { makeUpstreamHealth, type Upstream, type UpstreamHealth } from "../../name/upstream.ts";
import { cut, forwardedQuery, headerBytes, limitOf, type Query, rcode } from "../../name/wire.ts";
import type { NameDirectory, View } from "./directory.ts";
import { type Forwarded, forward, type Patience, usualPatience } from "./forward.ts";
import { openHostServers, upstreamsOf } from "./host-server.ts";

/** What is asked of other servers by UDP: an answer that fits into one packet of any usual path. */
const upstreamUdpBytes = 1_232;

/** How many questions of one container, and of all, may wait for other servers; the rest is told that there is no answer. */
const mostWaiting = { container: 256, all: 1_000 } as const;

/** How many decisions are kept for a container, and for all: they may ask for what they like. */
const mostDecisions = { container: 2_048, all: 100_000 } as const;

export interface ResolverOptions {
  readonly directory: NameDirectory;
  /** Without one the host's resolv.conf. */
  readonly hostServers?: () => readonly Upstream[];
  /** Servers a container names are asked here instead of port 53. */
  readonly serversOf?: (addresses: readonly string[]) => readonly Upstream[];
  readonly patience?: Patience;
}

export interface Resolver {
  readonly log: AskedLog;
  readonly directory: NameDirectory;
  readonly health: UpstreamHealth;
  /** Before each batch of questions. */
  refresh(): void;
  /** `question`: its bytes as latin1, the name under which decisions are kept. */
  decide(view: View, message: Buffer, query: Query, question: string): Decision;
  /** Whom a container's questions go to that nobody here answers. */
  servers(view: View): readonly Upstream[];
  /** The whole answer to one that others have to answer, cut to what the asker takes. Never rejects; the message may be used again at once. */
  pass(view: View, message: Buffer, query: Query, isStream: boolean): Promise<{ readonly answer: Buffer; readonly forwarded: Forwarded }>;
}

export function openResolver({ directory, hostServers = openHostServers(), serversOf = upstreamsOf, patience }: ResolverOptions): Resolver {
  const health = makeUpstreamHealth();
  const waiting = new Map<string, number>();
  let waitingInAll = 0;
  let decided = 0;
  const servers = ({ servers: own }: View) => (own.length > 0 ? serversOf(own) : hostServers());

  async function ask(view: View, message: Buffer, query: Query): Promise<Forwarded> {
    const own = waiting.get(view.container) ?? 0;
    if (own >= mostWaiting.container || waitingInAll >= mostWaiting.all) return { attempts: [] };
    waiting.set(view.container, own + 1);
    waitingInAll++;
    try {
      const question = { query: forwardedQuery(message, query, upstreamUdpBytes), end: query.end };
      return await forward(question, servers(view), health, patience ?? usualPatience);
    } finally {
      waitingInAll--;
      const left = (waiting.get(view.container) ?? 1) - 1;
      if (left === 0) waiting.delete(view.container);
      else waiting.set(view.container, left);
    }
  }

  return {
    log: makeAskedLog(),
    directory,
    health,
    servers,
    refresh() {
      try {
        directory.refresh();
      } catch {
        // A full disk or a busy store: what was known goes on.
      }
    },
    decide({ scope, decisions }, message, query, question) {
      const known = decisions.get(question);
      if (known !== undefined) return known;
      const decision = decide(scope, message, query);
      if (decisions.size >= mostDecisions.container) decisions.clear();
      if (++decided >= mostDecisions.all) {
        directory.forget();
        decided = 0;
      }
      decisions.set(question, decision);
      return decision;
    },
    async pass(view, message, query, isStream) {
      // The bytes belong to a buffer that is used for the next ones.
      const asked = Buffer.from(message);
      const forwarded = await ask(view, asked, query);
      const limit = limitOf(query, isStream);
      if (forwarded.message === undefined) return { answer: refusal(asked, rcode.servFail, query), forwarded };
      const answer = Buffer.from(cut(forwarded.message, limit));
      answer.writeUInt16BE(query.id, 0);
      // in the case in which it was asked
      asked.copy(answer, headerBytes, headerBytes, query.end);
      return { answer, forwarded };
    },
  };
}

export const isLocal = (decision: Decision): decision is LocalAnswer => decision !== "outside";
