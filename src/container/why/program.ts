// Why a container's command could not be run, from what its files say. Pure; the files are read in src/engine/why/program.ts.
import { defaultPath } from "../oci/default.ts";
import type { ContainerSpec } from "../spec.ts";
import { type Claim, claim } from "./claim.ts";
import { machines, type ProgramFile } from "./elf.ts";

/** The command as it is found, and what it needs. */
export interface ProgramFact {
  /** As the Spec has it. */
  readonly name: string;
  /** Where it lies in the container; absent when it is nowhere. */
  readonly path?: string;
  readonly type?: "file" | "directory" | "other";
  readonly mode?: number;
  readonly file?: ProgramFile;
  /** Whether the loader, or the interpreter of a script, is there. */
  readonly interpreterFound?: boolean;
  readonly missingLibraries: readonly string[];
  /** A mount hides the files at that place, so that what is said of them may be wrong. */
  readonly coveredBy?: string;
  /** Of this host, Node's word. */
  readonly hostMachine: string;
}

/** Where a name without a slash is looked for. */
export const searchPath = (env: readonly string[]): string => (env.findLast((entry) => entry.startsWith("PATH=")) ?? defaultPath).slice(5);

/** Claims that make the command fail; none where its files are in order. */
export function programClaims(fact: ProgramFact, spec: Pick<ContainerSpec, "imageName" | "env">): Claim[] {
  const { name, path, type, mode = 0, file, coveredBy } = fact;
  const grade = coveredBy === undefined ? "proved" : "likely";
  const covered = coveredBy === undefined ? [] : [`a mount at ${coveredBy} hides the image's files there`];
  if (path === undefined) return [notFound(fact, spec, grade, covered)];
  const there = [`${path} in the container's files`, ...covered];
  if (type === "directory") return [claim(grade, "is-directory", `its command ${name} is a directory`, there, "name a program below it")];
  if (type !== "file") return [claim(grade, "not-executable", `its command ${name} is no file`, there, "name a program")];
  if ((mode & 0o111) === 0) {
    const text = `its command ${name} is not executable (mode ${mode.toString(8).padStart(4, "0")})`;
    return [claim(grade, "not-executable", text, there, `chmod +x ${path} in the image, or run it with its interpreter: sh ${path}`)];
  }
  return file ? fileClaims(fact, file, grade, there) : [];
}

function notFound(
  { name }: ProgramFact,
  { imageName, env }: Pick<ContainerSpec, "imageName" | "env">,
  grade: Claim["grade"],
  covered: string[],
): Claim {
  const path = searchPath(env);
  const where = name.includes("/") ? "no such file in the container" : `in no directory of PATH (${path})`;
  return claim(
    grade,
    "command-not-found",
    `its command ${name} is not there: ${where}`,
    covered,
    `name a program that ${imageName} has, or build an image with it`,
  );
}

function fileClaims(fact: ProgramFact, file: ProgramFile, grade: Claim["grade"], there: readonly string[]): Claim[] {
  const { name, hostMachine } = fact;
  if (file.kind === "empty") return [claim(grade, "empty-file", `its command ${name} is an empty file`, there)];
  if (file.kind === "other") {
    return [
      claim(grade, "no-program", `its command ${name} is neither a program nor a script with #!`, there, "begin a script with #!/bin/sh"),
    ];
  }
  const machine = file.machine === undefined ? undefined : (machines[file.machine] ?? `machine ${file.machine}`);
  if (machine !== undefined && machine !== hostMachine && !(machine === "ia32" && hostMachine === "x64")) {
    const text = `its command ${name} is a program for ${machine}, this machine is ${hostMachine}`;
    return [claim(grade, "wrong-machine", text, there, "take the image for this platform: tsns run --platform")];
  }
  if (file.interpreter !== undefined && fact.interpreterFound === false) return [missingInterpreter(fact, file, grade, there)];
  if (fact.missingLibraries.length === 0) return [];
  const list = fact.missingLibraries.join(", ");
  return [
    // a cache or a library that loads others may know more directories
    claim(
      "likely",
      "missing-library",
      `its command ${name} needs ${list}, which no library directory has`,
      there,
      `add ${list} to the image`,
    ),
  ];
}

function missingInterpreter(
  { name }: ProgramFact,
  { kind, interpreter = "" }: ProgramFile,
  grade: Claim["grade"],
  there: readonly string[],
): Claim {
  if (kind === "script") {
    const crlf = interpreter.endsWith("\\r");
    return claim(
      grade,
      "missing-interpreter",
      `its command ${name} is a script for ${interpreter}, which is not there`,
      there,
      crlf ? "its lines end in CR LF: convert it (sed -i 's/\\r$//')" : `put ${interpreter} into the image, or name another after #!`,
    );
  }
  const musl = interpreter.includes("musl");
  return claim(
    grade,
    "missing-loader",
    `its command ${name} needs the loader ${interpreter}, which is not there`,
    there,
    `it was built for ${musl ? "musl (Alpine)" : "glibc"}: take an image with that C library, or a static build`,
  );
}
