// Looks at a container's command as it lies in its layers: is it there, may it be executed, are its loader and its libraries there. Nothing need
// run or be mounted.
import { posix } from "node:path";
import type { ContainerRecord } from "../../container/record.ts";
import { parseProgram } from "../../container/why/elf.ts";
import { type ProgramFact, searchPath } from "../../container/why/program.ts";
import type { Engine } from "../engine.ts";
import { type FilePlace, lookUp, readPlace, visibleLayers } from "../layer/file.ts";

/** Undefined where its files cannot be seen: the writable layer is a file system that is not mounted, the image has gone. */
export function readProgram(engine: Engine, { id, spec }: ContainerRecord): ProgramFact | undefined {
  const name = [...spec.entrypoint, ...spec.cmd][0];
  const layers = visibleLayers(engine, id, spec.imageId);
  if (!layers || name === undefined || name === "") return undefined;
  const search = (path: string) => lookUp(layers, path);
  const found = name.includes("/") ? search(posix.resolve(spec.workingDirectory, name)) : findInPath(search, spec.env, name);
  const cover = (
    found ? [found.path] : name.includes("/") ? [posix.resolve(spec.workingDirectory, name)] : pathDirectories(spec.env)
  ).flatMap((path) => spec.mounts.filter(({ target }) => path === target || path.startsWith(`${target}/`)).map(({ target }) => target))[0];
  const base = { name, missingLibraries: [], hostMachine: process.arch, ...(cover === undefined ? {} : { coveredBy: cover }) };
  if (!found) return base;
  const file = found.type === "file" ? programOf(layers, found) : undefined;
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

function pathDirectories(env: readonly string[]): string[] {
  return searchPath(env)
    .split(":")
    .filter((directory) => directory.startsWith("/"));
}

function findInPath(search: (path: string) => FilePlace | undefined, env: readonly string[], name: string): FilePlace | undefined {
  const found = pathDirectories(env).flatMap((directory) => search(`${directory}/${name}`) ?? []);
  return found.find(({ type, mode }) => type === "file" && (mode & 0o111) !== 0) ?? found[0];
}

const programOf = (layers: readonly string[], place: FilePlace) => {
  const bytes = readPlace(layers, place);
  return bytes && parseProgram(bytes);
};

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
  search: (path: string) => FilePlace | undefined,
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
      const file = found && programOf(layers, found);
      if (file) queue.push({ file, path: found.path });
    }
  }
  return missing;
}
