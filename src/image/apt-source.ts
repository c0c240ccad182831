// Package sources of apt (sources.list(5)), one-line and deb822 style: read from the host, chosen and rewritten for the release
// that is to be bootstrapped. Pure.
import { TsnsError } from "../base/error.ts";

export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** Path of the keyring; undefined: apt's own trusted keys. */
  readonly signedBy?: string;
}

/** Lines of the one-line style: `deb [signed-by=/x] URI SUITE COMPONENT...`; others and comments are left out. */
export function parseSourcesList(text: string): AptSource[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)((?:\s+[^\s#]+)*)/.exec(line);
    if (!match) return [];
    const [, options = "", uri = "", suite = "", rest = ""] = match;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
    return [{ uri, suite, components: words(rest), ...(signedBy === undefined ? {} : { signedBy }) }];
  });
}

/** Stanzas of the deb822 style; disabled ones and source-only ones are left out. */
export function parseDeb822(text: string): AptSource[] {
  return text.split(/\n(?:[ \t]*\n)+/).flatMap((stanza) => {
    const fields = parseFields(stanza);
    const list = (name: string) => words(fields.get(name) ?? "");
    if (/^(?:no|false|0|off|without|disable)$/i.test((fields.get("enabled") ?? "").trim())) return [];
    if (!list("types").includes("deb")) return [];
    const signedBy = (fields.get("signed-by") ?? "").trim();
    const key = /^\/\S+$/.test(signedBy) ? { signedBy } : {}; // a key written out in the stanza has no one-line form
    return list("uris").flatMap((uri) => list("suites").map((suite) => ({ uri, suite, components: list("components"), ...key })));
  });
}

function parseFields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let name = "";
  for (const line of stanza.split("\n")) {
    if (line.startsWith("#")) continue;
    const match = /^([A-Za-z0-9-]+):(.*)$/.exec(line);
    if (match) {
      name = (match[1] ?? "").toLowerCase();
      fields.set(name, match[2] ?? "");
    } else if (/^[ \t]/.test(line) && name !== "") fields.set(name, `${fields.get(name)}\n${line}`);
  }
  return fields;
}

/** Parts of a distribution besides the release itself. */
const pockets = ["", "-updates", "-security", "/updates"];

/**
 * The sources of a release: those the host has for it; else those of the host's own release with the name replaced.
 * Third parties' sources, which name their suites otherwise, are left out.
 */
export function sourcesOfSuite(sources: readonly AptSource[], suite: string, hostSuite: string): AptSource[] {
  const of = (release: string) => sources.filter((source) => pockets.some((pocket) => source.suite === release + pocket));
  const own = of(suite);
  if (own.some((source) => source.suite === suite)) return own;
  return of(hostSuite).map((source) => ({ ...source, suite: suite + source.suite.slice(hostSuite.length) }));
}

/** One-line style, as mmdebstrap takes it for a mirror. */
export function renderSource({ uri, suite, components, signedBy }: AptSource): string {
  return ["deb", ...(signedBy === undefined ? [] : [`[signed-by=${signedBy}]`]), uri, suite, ...components].join(" ");
}

/** A release name or package name as apt allows them: nothing that a program could take for an option. */
export function checkAptName(text: string, what: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9.+:~/-]*$/.test(text)) return text;
  throw new TsnsError("invalid", "bad-apt-name", `${JSON.stringify(text)} is no ${what}`, {
    hint: "names have letters, digits, + - . only",
  });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
