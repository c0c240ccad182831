// resolv.conf(5) as a resolver reads it: whom it asks and what it appends. Pure; who the servers are is not known here.
import { canonicalAddress } from "../network/canonical.ts";

export interface ResolvConf {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  /** How many dots a name needs to be asked as it is first. */
  readonly ndots: number;
}

export function parseResolvConf(text: string): ResolvConf {
  const servers: string[] = [];
  let search: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split("\n")) {
    const [word, ...rest] = line
      .replace(/[#;].*/, "")
      .trim()
      .split(/\s+/);
    if (word === "nameserver" && rest[0] !== undefined && isServer(rest[0])) servers.push(rest[0]);
    // of several lines the last one counts
    if (word === "search" || word === "domain") search = (word === "domain" ? rest.slice(0, 1) : rest).filter((domain) => domain !== ".");
    if (word === "options") for (const option of rest) ndots = ndotsOf(option) ?? ndots;
  }
  return { servers, search, ndots };
}

/** An address; a link-local one of IPv6 may name its link. */
function isServer(text: string): boolean {
  const [address = "", zone] = text.split("%");
  return canonicalAddress(address) !== undefined && (zone === undefined || (zone !== "" && address.includes(":")));
}

function ndotsOf(option: string): number | undefined {
  const digits = /^ndots:(\d{1,3})$/.exec(option)?.[1];
  // as the C library: no more than 15
  return digits === undefined ? undefined : Math.min(Number(digits), 15);
}

/** The names that a resolver asks for one after the other until one has an answer, all with a last dot. */
export function expandName(name: string, { search, ndots }: Pick<ResolvConf, "search" | "ndots">): readonly string[] {
  if (name.endsWith(".")) return [name];
  const plain = `${name}.`;
  const appended = search.map((domain) => `${name}.${domain.replace(/\.$/, "")}.`);
  const dots = name.split(".").length - 1;
  return [...new Set(dots >= ndots ? [plain, ...appended] : [...appended, plain])];
}

/** Addresses that a hosts file (hosts(5)) has for a name. */
export function addressesInHosts(text: string, name: string): readonly string[] {
  const wanted = name.toLowerCase().replace(/\.$/, "");
  return text.split("\n").flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    return address !== undefined && names.some((each) => each.toLowerCase() === wanted) ? [address] : [];
  });
}
