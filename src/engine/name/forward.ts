// Asks other servers what is not known here: one after the other, the next one as soon as one refuses or is silent for a second, while
// the ones before may still answer; by TCP where the answer is cut. Knows nothing of who asks, and of names.
import { randomInt } from "node:crypto";
import { rcodeName } from "../../name/record.ts";
import { type Attempt, renderUpstream, type Upstream, type UpstreamHealth } from "../../name/upstream.ts";
import { isTruncated, rcode, rcodeOf } from "../../name/wire.ts";
import { askTcp } from "./tcp.ts";
import { askUdp, type Exchange, type Reply } from "./udp.ts";

export interface Forwarded {
  /** The answer, with the id it was asked under; absent: nobody gave one. */
  readonly message?: Buffer;
  /** Who gave it. */
  readonly server?: string;
  /** In the order in which they began. */
  readonly attempts: readonly Attempt[];
}

export interface Patience {
  /** A server that is silent for so long is not waited for alone. */
  readonly nextMs: number;
  /** From the last attempt until the asker is told that there is no answer. */
  readonly lastMs: number;
  /** The most in all; absent: as long as the attempts take. */
  readonly mostMs?: number;
}

/** Resolvers wait five seconds (resolv.conf(5)): told before that nobody answers, they go on to the next name of their search list. */
export const usualPatience: Patience = { nextMs: 1_000, lastMs: 3_000, mostMs: 4_000 };

/** Resolvers try twice themselves: more than six attempts nobody waits for. */
const mostAttempts = 6;

/** What is being asked of one server. */
interface Asking {
  readonly server: Upstream;
  startMs: number;
  protocol: "udp" | "tcp";
  exchange?: Exchange;
}

export interface Question {
  /** Without id: its first two bytes are overwritten. */
  readonly query: Buffer;
  /** Where its question ends. */
  readonly end: number;
}

/** Never rejects. */
export function forward(
  question: Question,
  servers: readonly Upstream[],
  health: UpstreamHealth,
  patience = usualPatience,
): Promise<Forwarded> {
  return new Promise((resolve) => new Forwarding(question, servers, health, patience, resolve).next());
}

class Forwarding {
  readonly #question: Question;
  readonly #health: UpstreamHealth;
  readonly #patience: Patience;
  readonly #resolve: (result: Forwarded) => void;
  readonly #begin = performance.now();
  readonly #attempts: Attempt[] = [];
  readonly #open = new Set<Asking>();
  /** Whom to ask: each server, then once more those that were silent. */
  readonly #queue: Upstream[];
  readonly #again = new Set<Upstream>();
  #asked = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #end: NodeJS.Timeout | undefined;
  /** What is given where nobody has a better one: an answer that is cut, a server's refusal. */
  #fallback: { readonly message: Buffer; readonly server: Upstream } | undefined;
  #isOver = false;

  constructor(
    question: Question,
    servers: readonly Upstream[],
    health: UpstreamHealth,
    patience: Patience,
    resolve: (result: Forwarded) => void,
  ) {
    this.#question = question;
    this.#health = health;
    this.#patience = patience;
    this.#resolve = resolve;
    this.#queue = [...health.order(servers, Date.now())];
    if (patience.mostMs !== undefined) this.#end = setTimeout(() => this.#finish(), patience.mostMs);
  }

  /** Asks the next server; without one waits for the answers that are still to come. */
  next(): void {
    if (this.#isOver) return;
    clearTimeout(this.#timer);
    const server = this.#queue.shift();
    if (server === undefined || this.#asked >= mostAttempts) {
      if (this.#open.size === 0) this.#finish();
      else this.#timer = setTimeout(() => this.#finish(), this.#patience.lastMs);
      return;
    }
    this.#asked++;
    const asking: Asking = { server, startMs: this.#elapsed(), protocol: "udp" };
    this.#open.add(asking);
    this.#ask(asking, askUdp);
    this.#timer = setTimeout(() => this.#late(asking), this.#patience.nextMs);
  }

  #late(asking: Asking): void {
    // One that answers by TCP is not silent.
    if (this.#open.has(asking) && asking.protocol === "udp") {
      this.#health.failed(asking.server, Date.now());
      if (!this.#again.has(asking.server)) this.#queue.push(asking.server);
      this.#again.add(asking.server);
    }
    this.next();
  }

  #ask(asking: Asking, by: typeof askUdp): void {
    const { query, end } = this.#question;
    const sent = Buffer.from(query);
    sent.writeUInt16BE(randomInt(0x10000), 0);
    asking.exchange = by(asking.server, sent, end, (reply) => this.#replied(asking, reply));
  }

  #replied(asking: Asking, reply: Reply): void {
    if ("failure" in reply) this.#failed(asking, reply.failure);
    else this.#answered(asking, reply.message);
  }

  #answered(asking: Asking, message: Buffer): void {
    const { server } = asking;
    this.#health.answered(server);
    if (asking.protocol === "udp" && isTruncated(message)) {
      this.#note(asking, "too long for UDP");
      this.#fallback = { message, server };
      asking.protocol = "tcp";
      asking.startMs = this.#elapsed();
      this.#ask(asking, askTcp);
      return;
    }
    const code = rcodeOf(message);
    this.#open.delete(asking);
    this.#note(asking, `${rcodeName(code)}, ${count(message.readUInt16BE(6), "answer")}`);
    this.#fallback ??= { message, server };
    if (code === rcode.noError || code === rcode.nxDomain) this.#finish({ message, server });
    else this.next();
  }

  #failed(asking: Asking, failure: string): void {
    this.#open.delete(asking);
    this.#note(asking, failure);
    if (asking.protocol === "tcp") {
      // It has answered by UDP: what that brought is better than to ask others for the same.
      this.#finish();
      return;
    }
    this.#health.failed(asking.server, Date.now());
    this.next();
  }

  #finish(result = this.#fallback): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#end);
    for (const asking of this.#open) {
      asking.exchange?.close();
      this.#note(asking, "no answer");
    }
    const attempts = this.#attempts.toSorted((one, other) => one.startMs - other.startMs);
    this.#resolve({ attempts, ...(result ? { message: result.message, server: renderUpstream(result.server) } : {}) });
  }

  #note({ server, protocol, startMs, exchange }: Asking, result: string): void {
    const strays = exchange?.strays() ?? 0;
    const said = strays === 0 ? result : `${result}; ${count(strays, "message")} that answered something else`;
    this.#attempts.push({ server: renderUpstream(server), protocol, startMs, ms: this.#elapsed() - startMs, result: said });
  }

  #elapsed(): number {
    return performance.now() - this.#begin;
  }
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
