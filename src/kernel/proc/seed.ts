// The seed V8 hashes strings with. Most commands run with the one that is built into Node (native/seed.h).
import { launcherProgram } from "../sandbox/location.ts";

/**
 * Before anything is read whose author may not be trusted: begins this command anew with a seed nobody can know. Returns where it has one.
 * Nothing may have been done or read yet; the descriptors 0-2 go on.
 */
export function requireOwnSeed(env: Readonly<Record<string, string | undefined>>): void {
  if (!process.execArgv.includes("--no-rehash-snapshot")) return;
  const given = Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined));
  process.execve?.(launcherProgram, ["tsns", ...process.argv.slice(2)], { ...given, TSNS_SEED: "own" });
}
