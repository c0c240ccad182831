// `tsns manifest create`, `inspect`, `annotate`, `push`, `rm`: manifest lists, one name for the same image on several platforms.
import { annotateEntry, createList, fullNameOf, inspectManifest, pushList, removeLists } from "../../src/engine/manifest/list.ts";
import { entryObject } from "../../src/image/manifest-list.ts";
import { parseReference } from "../../src/image/reference.ts";
import { defineCommand } from "../command.ts";

const insecure = { type: "boolean", describe: "Speak http, and TLS without a check of the certificate, with the registry" } as const;

export const create = defineCommand({
  path: "manifest create",
  usage: "[OPTIONS] MANIFEST_LIST MANIFEST [MANIFEST...]",
  summary: "Put a manifest list together on this machine, to be annotated and pushed",
  options: {
    amend: { type: "boolean", short: "a", describe: "Add to a list that is there" },
    insecure,
  },
  arity: [2, Number.POSITIVE_INFINITY],
  changes: true,
  async run(context, { options, args: [list = "", ...images] }) {
    const reference = parseReference(list);
    const isMade = await createList(context.engine(), {
      list: reference,
      images: images.map(parseReference),
      amend: options.amend ?? false,
      insecure: options.insecure ?? false,
      env: context.env,
      signal: context.signal,
    });
    if (isMade) context.stdout.write(`Created manifest list ${fullNameOf(reference)}\n`);
    return 0;
  },
});

export const inspect = defineCommand({
  path: "manifest inspect",
  usage: "[OPTIONS] [MANIFEST_LIST] MANIFEST",
  summary: "Show an image's manifest or a manifest list, from this machine or a registry",
  options: {
    insecure,
    verbose: { type: "boolean", short: "v", describe: "Add the reference and the descriptor, and the manifests of a list's images" },
  },
  arity: [1, 2],
  async run(context, { options, args: [first = "", image] }) {
    const deep = options.verbose ?? false;
    const found = await inspectManifest({
      list: image === undefined ? undefined : parseReference(first),
      reference: parseReference(image ?? first),
      deep,
      insecure: options.insecure ?? false,
      env: context.env,
      signal: context.signal,
    });
    const json = (value: unknown, indent: string | number) => context.stdout.write(`${JSON.stringify(value, null, indent)}\n`);
    if (found.kind === "image") json(deep ? entryObject(found.entry) : JSON.parse(found.entry.bytes.toString("utf8")), "\t");
    else if (deep) json(found.entries.map(entryObject), "\t");
    else json(JSON.parse(found.bytes.toString("utf8")), 3);
    return 0;
  },
});

export const annotate = defineCommand({
  path: "manifest annotate",
  usage: "[OPTIONS] MANIFEST_LIST MANIFEST",
  summary: "Say for which platform an image of a manifest list on this machine is made",
  options: {
    arch: { type: "string", value: "string", describe: "Architecture" },
    os: { type: "string", value: "string", describe: "Operating system" },
    "os-features": { type: "list", value: "strings", describe: "Features of the operating system" },
    "os-version": { type: "string", value: "string", describe: "Version of the operating system" },
    variant: { type: "string", value: "string", describe: "Variant of the architecture" },
  },
  arity: [2, 2],
  changes: true,
  run(context, { options, args: [list = "", image = ""] }) {
    annotateEntry(context.engine(), {
      env: context.env,
      list: parseReference(list),
      image: parseReference(image),
      platform: {
        ...(options.arch === undefined ? {} : { architecture: options.arch }),
        ...(options.os === undefined ? {} : { os: options.os }),
        ...(options.variant === undefined ? {} : { variant: options.variant }),
        ...(options["os-version"] === undefined ? {} : { osVersion: options["os-version"] }),
        ...(options["os-features"] === undefined ? {} : { osFeatures: options["os-features"].flatMap((item) => item.split(",")) }),
      },
    });
    return 0;
  },
});

export const push = defineCommand({
  path: "manifest push",
  usage: "[OPTIONS] MANIFEST_LIST",
  summary: "Send a manifest list of this machine to a registry",
  options: {
    insecure,
    purge: { type: "boolean", short: "p", describe: "Forget the list on this machine afterwards" },
  },
  arity: [1, 1],
  changes: true,
  async run(context, { options, args: [list = ""] }) {
    const digest = await pushList(context.engine(), {
      list: parseReference(list),
      purge: options.purge ?? false,
      insecure: options.insecure ?? false,
      env: context.env,
      signal: context.signal,
      onPushed: (name, of) => context.stdout.write(`Pushed ref ${name} with digest: ${of}\n`),
    });
    if (digest !== undefined) context.stdout.write(`${digest}\n`);
    return 0;
  },
});

export const rm = defineCommand({
  path: "manifest rm",
  usage: "MANIFEST_LIST [MANIFEST_LIST...]",
  summary: "Forget manifest lists of this machine",
  options: {},
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  run(context, { args }) {
    removeLists(context.engine(), context.env, args.map(parseReference));
    return 0;
  },
});
