// Becoming another program: execve(2) of this process, which keeps its pid and standard streams.
import { distDirectory } from "../sandbox/location.ts";

type Become = (words: string, environment: string, kept: number) => void;

const terminated = (words: readonly string[]): string => words.map((word) => `${word}\0`).join("");

/**
 * Comes back only when the program cannot be started. By native/flag.c, which is loaded in a fraction of the time that process.execve takes for its own
 * modules; by that where the library is not there, which closes all but the standard streams. `kept`: the descriptors from 3 on that stay open.
 */
export function becomeProgram(program: string, argv: readonly string[], env: Readonly<Record<string, string>>, kept = 0): void {
  if (argv.some((word) => word.includes("\0"))) return;
  const library: { exports: { become?: Become } } = { exports: {} };
  try {
    process.dlopen(library, `${distDirectory}/tsns-flag.node`);
  } catch {
    // Sources without a build, or a Node that cannot load it.
  }
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  if (library.exports.become) library.exports.become(terminated([program, ...argv]), terminated(variables), kept);
  else process.execve?.(program, [...argv], { ...env });
}
