// Looks at a container's command as it lies in its layers: is it there, may it be executed, are its loader and its libraries there. Nothing need
// run or be mounted.
import { closeSync, existsSync, fstatSync, readSync } from "node:fs";
import { posix } from "node:path";
import type { ContainerRecord } from "../../container/record.ts";
import { parseProgram } from "../../container/why/elf.ts";
import { type ProgramFact, searchPath } from "../../container/why/program.ts";
import { hostImage } from "../../image/host.ts";
import { tracePath } from "../../kernel/layer/trace.ts";
import { openLayerFile, readLink } from "../../kernel/layer/walk.ts";
import { toText } from "../../kernel/tree/path.ts";
import { tryGetImage } from "../../store/image-record.ts";
import { layerDirectories } from "../../store/layer.ts";
import { containerDirectory } from "../container/directory.ts";
import type { Engine } from "../engine.ts";

/** Undefined where its files cannot be seen: the writable layer is a file system that is not mounted, the image has gone. */
export function readProgram(engine: Engine, { id, spec }: ContainerRecord): ProgramFact | undefined {
  const name = [...spec.entrypoint, ...spec.cmd][0];
  const layers = layersOf(engine, id, spec.imageId);
  if (!layers || name === undefined || name === "") return undefined;
  const search = (path: string) => lookUp(layers, path);
  const found = name.includes("/") ? search(posix.resolve(spec.workingDirectory, name)) : findInPath(search, spec.env, name);
  const cover = (
    found ? [found.path] : name.includes("/") ? [posix.resolve(spec.workingDirectory, name)] : pathDirectories(spec.env)
  ).flatMap((path) => spec.mounts.filter(({ target }) => path === target || path.startsWith(`${target}/`)).map(({ target }) => target))[0];
  const base = { name, missingLibraries: [], hostMachine: process.arch, ...(cover === undefined ? {} : { coveredBy: cover }) };
  if (!found) return base;
  const file = found.type === "file" ? readHead(layers, found) : undefined;
  const fact = { ...base, path: found.path, type: found.type, mode: found.mode };
  if (!file) return fact;
  const { interpreter } = file;
  const libraries = interpreter === undefined || file.kind !== "elf" ? [] : missingLibraries(layers, search, file, found.path, spec.env);
  return {
    ...fact,
    file,
    ...(interpreter === undefined ? {} : { interpreterFound: search(posix.resolve(spec.workingDirectory, interpreter)) !== undefined }),
    missingLibraries: libraries,
  };
}

function layersOf(engine: Engine, id: string, imageId: string): readonly string[] | undefined {
  const { upper, upperImage } = containerDirectory(engine.root, id);
  const image = tryGetImage(engine.store, imageId);
  if (!image || existsSync(upperImage)) return undefined;
  const lower = image.id === hostImage.id ? ["/"] : layerDirectories(engine.root, image);
  return existsSync(upper) ? [upper, ...lower] : lower;
}

interface Place {
  /** Absolute in the container, no link in it. */
  readonly path: string;
  readonly layer: number;
  /** In that layer. */
  readonly inner: string;
  readonly type: "file" | "directory" | "other";
  readonly mode: number;
}

const linksMax = 40; // path_resolution(7)

function lookUp(layers: readonly string[], path: string): Place | undefined {
  let wanted = path;
  for (let links = 0; links < linksMax; links++) {
    const trace = tracePath(layers, wanted);
    const hit = trace.hits.find(({ role }) => role === "provides");
    if (!hit) return undefined;
    const { entry, layer } = hit;
    if (entry.type !== "symlink") {
      const type = entry.type === "file" || entry.type === "directory" ? entry.type : "other";
      return { path: trace.path, layer, inner: entry.path, type, mode: entry.mode };
    }
    wanted = posix.resolve(posix.dirname(trace.path), toText(readLink(layers[layer] ?? "", entry.path)));
  }
  return undefined;
}

function pathDirectories(env: readonly string[]): string[] {
  return searchPath(env)
    .split(":")
    .filter((directory) => directory.startsWith("/"));
}

function findInPath(search: (path: string) => Place | undefined, env: readonly string[], name: string): Place | undefined {
  const found = pathDirectories(env).flatMap((directory) => search(`${directory}/${name}`) ?? []);
  return found.find(({ type, mode }) => type === "file" && (mode & 0o111) !== 0) ?? found[0];
}

/** As much of a program as its tables lie in; larger ones are judged by what is in it. */
const headMax = 64 << 20;

function readHead(layers: readonly string[], { layer, inner }: Place) {
  const file = openLayerFile(layers[layer] ?? "", inner);
  if (file === undefined) return undefined;
  try {
    const buffer = Buffer.alloc(Math.min(fstatSync(file).size, headMax));
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(file, buffer, length, buffer.length - length, length);
    return parseProgram(buffer.subarray(0, length));
  } finally {
    closeSync(file);
  }
}

/** Where ld.so(8) and musl look besides what files and the environment say. */
const libraryDirectories: readonly string[] = [
  ...["/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib", "/usr/local/lib64"],
  ...["x86_64", "aarch64"].flatMap((machine) => [
    `/lib/${machine}-linux-gnu`,
    `/usr/lib/${machine}-linux-gnu`,
    `/usr/local/lib/${machine}-linux-gnu`,
  ]),
];

/** Of the program itself and of the libraries it needs, each once. */
function missingLibraries(
  layers: readonly string[],
  search: (path: string) => Place | undefined,
  program: ReturnType<typeof parseProgram>,
  path: string,
  env: readonly string[],
): string[] {
  const own = env.findLast((entry) => entry.startsWith("LD_LIBRARY_PATH="))?.slice(16) ?? "";
  const seen = new Set<string>();
  const missing: string[] = [];
  const queue = [{ file: program, path }];
  for (let at = queue.shift(); at; at = queue.shift()) {
    const origin = posix.dirname(at.path);
    const first = at.file.runPaths.map((one) => one.replaceAll(/\$\{?ORIGIN\}?/g, origin));
    for (const name of at.file.needed) {
      if (seen.has(name)) continue;
      seen.add(name);
      const directories = [...first, ...own.split(":").filter((one) => one !== ""), ...libraryDirectories];
      const found = name.includes("/")
        ? search(name)
        : directories.map((one) => search(`${one}/${name}`)).find((one) => one?.type === "file");
      if (!found) missing.push(name);
      const file = found && readHead(layers, found);
      if (file) queue.push({ file, path: found.path });
    }
  }
  return missing;
}
