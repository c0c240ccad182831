// What a log driver may tell of a container: its names for the tag, labels and environment for the attributes. Pure.
import { renderTemplate } from "../../base/template/template.ts";
import type { LogSpec } from "../spec/log.ts";

export interface LogFacts {
  readonly log: LogSpec;
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  readonly imageName: string;
  readonly command: readonly string[];
  readonly createdMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: readonly string[];
  /** Of the host. */
  readonly hostname: string;
}

/** What DaemonName is in a tag. */
const daemonName = "tsns";

export const option = ({ log }: LogFacts, name: string): string | undefined => log.options?.[name];

/** The tag, `{{.ID}}` when none is asked for; undefined when it is asked for by the name of an empty string. Throws bad-template. */
export function tagOf(facts: LogFacts, otherwise = "{{.ID}}"): string {
  const values = {
    ID: facts.id.slice(0, 12),
    FullID: facts.id,
    Name: facts.name,
    ImageID: facts.imageId.replace(/^sha256:/, "").slice(0, 12),
    ImageFullID: facts.imageId,
    ImageName: facts.imageName,
    DaemonName: daemonName,
    Command: facts.command.join(" "),
  };
  const template = option(facts, "tag") || otherwise;
  return template === "{{.ID}}" ? values.ID : renderTemplate(template, values);
}

/** Labels and variables that --log-opt labels, labels-regex, env, env-regex choose, by key; an earlier choice wins nothing: all are the same values. */
export function attributesOf(facts: LogFacts, keyOf: (key: string) => string = (key) => key): [key: string, value: string][] {
  const env = Object.fromEntries(facts.env.map((entry) => [entry.split("=", 1)[0] ?? "", entry.slice(entry.indexOf("=") + 1)]));
  const chosen = new Map(
    [...choose(facts, facts.labels, "labels"), ...choose(facts, env, "env")].map(([key, value]) => [keyOf(key), value]),
  );
  return [...chosen].sort(([a], [b]) => (a < b ? -1 : 1));
}

function choose(facts: LogFacts, values: Readonly<Record<string, string>>, name: "labels" | "env"): [string, string][] {
  const wanted = new Set(option(facts, name)?.split(","));
  const text = option(facts, `${name}-regex`);
  const pattern = text ? new RegExp(text, "u") : undefined;
  return Object.entries(values).filter(([key]) => wanted.has(key) || pattern?.test(key));
}
