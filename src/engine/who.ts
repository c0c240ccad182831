// Reverse look-up: from a port, path, address, link, pid, inode or cgroup to processes and containers. Every meaning that the
// word's form allows is tried.
import { TsnsError } from "../base/error.ts";
import { type Finding, type Meaning, meaningsOf, parseInodeQuestion, parsePortQuestion } from "../namespace/who.ts";
import { canonicalAddress } from "../network/canonical.ts";
import { parseMac } from "../network/mac.ts";
import type { Engine } from "./engine.ts";
import { type Owners, openOwners } from "./owner.ts";
import type { Answer } from "./who/answer.ts";
import { findLinks } from "./who/link.ts";
import { findPath } from "./who/path.ts";
import { findListeners, findRules, rewritesPort, targetAddress } from "./who/port.ts";
import { findCgroup, findInode, findProcess } from "./who/process.ts";

export interface WhoRequest {
  readonly word: string;
  /** Only this meaning. */
  readonly as?: Meaning;
  /** What relative paths begin at. */
  readonly cwd: string;
}

type Reading = (engine: Engine, owners: Owners, request: WhoRequest) => Promise<readonly Answer[]> | readonly Answer[];

function bad(word: string, what: string, hint: string): never {
  throw new TsnsError("invalid", "bad-word", `"${word}" is no ${what}`, { hint, exitCode: 2 });
}

const readings: Readonly<Record<Meaning, Reading>> = {
  async port(engine, owners, { word }) {
    const question = parsePortQuestion(word) ?? bad(word, "port", "write 8080, 53/udp or 127.0.0.1:80");
    return [findListeners(owners, question), await findRules(engine, owners, "port", (match) => rewritesPort(match, question))];
  },
  path: (engine, owners, { word, cwd }) => [findPath(engine, owners, word, cwd)],
  async ip(engine, owners, { word }) {
    const address = canonicalAddress(word) ?? bad(word, "IP address", "write 10.88.0.2 or fd00::2");
    const rules = await findRules(engine, owners, "ip", (match) => targetAddress(match) === address);
    return [findLinks(owners, { as: "ip", address }), rules];
  },
  mac: (_, owners, { word }) => {
    if (!parseMac(word)) bad(word, "hardware address", "write 02:74:0a:58:00:02");
    return [findLinks(owners, { as: "mac", word })];
  },
  iface: (_, owners, { word }) => [findLinks(owners, { as: "iface", word })],
  pid: (_, owners, { word }) => {
    if (!/^[1-9]\d{0,9}$/.test(word)) bad(word, "process id", "write a number");
    return [findProcess(owners, Number(word))];
  },
  inode: (engine, owners, { word }) => [
    findInode(engine, owners, parseInodeQuestion(word) ?? bad(word, "inode", "write a number, net:[4026531840] or socket:[812]")),
  ],
  cgroup: (_, owners, { word }) => [findCgroup(owners, word)],
};

/** Everything found, by meaning. Throws invalid for a word that cannot mean what `as` says, not-found with all that was tried. */
export async function who(engine: Engine, request: WhoRequest): Promise<readonly Finding[]> {
  const owners = openOwners(engine);
  const tried: string[] = [];
  const findings: Finding[] = [];
  for (const meaning of request.as === undefined ? meaningsOf(request.word) : [request.as]) {
    for (const answer of await readings[meaning](engine, owners, request)) {
      findings.push(...answer.findings);
      tried.push(answer.tried);
    }
  }
  if (findings.length > 0) return findings;
  throw new TsnsError("not-found", "nobody", `nothing here has or is "${request.word}"`, {
    hint: `tried ${tried.join("; ") || "nothing"}`,
  });
}
