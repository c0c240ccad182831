// tsns inspect: everything about containers (and images), as docker's JSON or through a template.
import { TsnsError } from "../../src/base/error.ts";
import { inspectContainer } from "../../src/engine/container/inspect.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { defineCommand } from "../command.ts";
import { inspectEach, inspectFormat } from "../option/inspect-each.ts";

export const command = defineCommand({
  path: "container inspect",
  usage: "[OPTIONS] NAME|ID [NAME|ID...]",
  summary: "Return low-level information on containers, images, networks or volumes",
  options: {
    as: {
      type: "string",
      value: "form",
      describe: "Print what makes the container again: run, compose, oci, sh",
      choices: ["run", "compose", "oci", "sh"],
    },
    format: inspectFormat,
    size: { type: "boolean", short: "s", describe: "Display total file sizes of containers" },
    type: {
      type: "string",
      describe: "Return JSON for that kind of object only",
      choices: ["container", "image", "network", "volume"],
      judged: true,
    },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  completes: "container",
  async run(context, { options, args }) {
    requireKind(options.type);
    const engine = context.engine();
    if (options.as !== undefined) {
      context.stdout.write(await printAs(engine, options.as, options, args));
      return 0;
    }
    const { type, size = false } = options;
    if (size && type && type !== "container") context.stderr.write(`WARNING: --size ignored for ${type}\n`);
    const inspect = { ...inspectors, container: (engine: Engine, name: string) => inspectContainer(engine, name, { size }) };
    return inspectEach(context, args, options.format, inspectOne);

    async function inspectOne(name: string): Promise<Document> {
      if (isKind(type)) return inspect[type](engine, name);
      for (const kind of kinds) {
        try {
          return await inspect[kind](engine, name);
        } catch (error) {
          // What cannot be the name of an image is not there either.
          if (!(error instanceof TsnsError && (error.kind === "not-found" || error.code === "bad-reference"))) throw error;
        }
      }
      throw new TsnsError("not-found", "no-such-object", `No such object: ${name}`, {
        hint: "tsns ps -a lists containers; images, network ls and volume ls the others",
      });
    }
  },
});

type Document = Record<string, unknown>;

/** In the order in which a name is looked up, docker's. */
const kinds = ["container", "image", "network", "volume"] as const;
const isKind = (word: string | undefined): word is (typeof kinds)[number] => kinds.some((kind) => kind === word);

/** docker's client looks at it itself, and ends with 1. */
function requireKind(type: string | undefined): void {
  if (type === undefined || type === "" || isKind(type)) return;
  throw new TsnsError("invalid", "bad-option", `"${type}" is not a valid value for --type`, { hint: `one of ${kinds.join(", ")}` });
}

/** Loaded when one of them is looked for: mostly it is a container. */
const inspectors = {
  image: async (engine: Engine, name: string): Promise<Document> =>
    (await import("../../src/engine/image/inspect.ts")).inspectImage(engine, name),
  network: async (engine: Engine, name: string): Promise<Document> =>
    (await import("../../src/engine/network/inspect.ts")).inspectNetwork(engine, name),
  volume: async (engine: Engine, name: string): Promise<Document> =>
    (await import("../../src/engine/volume/list.ts")).inspectVolume(engine, name),
};

/** One container: a file has one command, service or bundle. */
async function printAs(
  engine: Engine,
  text: string,
  options: { readonly format?: string | undefined; readonly type?: string | undefined; readonly size?: boolean | undefined },
  args: readonly string[],
): Promise<string> {
  const { forms, inspectAs } = await import("../../src/engine/container/inspect-as.ts");
  const form = forms.find((one) => one === text) ?? "run";
  const other =
    options.format !== undefined
      ? "--format"
      : options.size
        ? "--size"
        : options.type !== undefined && options.type !== "container"
          ? `--type ${options.type}`
          : undefined;
  if (other !== undefined)
    throw new TsnsError("invalid", "bad-option", `conflicting options: --as ${text} and ${other}`, { hint: "leave out one" });
  const [name = "", ...more] = args;
  if (more.length > 0)
    throw new TsnsError("invalid", "bad-option", `--as ${text} takes one container, not ${args.length}`, {
      hint: "ask for each by itself",
    });
  return await inspectAs(engine, name, form);
}
