// The ranges new networks get their subnets from: what the host's settings files say, else the built-in ones. Reads files only.
import { readFileSync } from "node:fs";
import { isErrno, KernelError } from "../../base/error.ts";
import { parsePoolSettings } from "../../network/pool-settings.ts";
import { type AddressPool, defaultPools, uniqueLocalPool } from "../../network/subnet-choice.ts";

/** Asked in turn: the first with pools counts. What the host has docker do, tsns does too, unless its own file says otherwise. */
const ownFile = "/etc/tsns/networks.json";
const dockerFile = "/etc/docker/daemon.json";

/** A family that the settings leave out has the built-in ones. TSNS_NETWORKS names another file instead of both. Throws `bad-settings`. */
export function readAddressPools(root: string, env: Readonly<Record<string, string | undefined>> = process.env): readonly AddressPool[] {
  const named = env.TSNS_NETWORKS;
  const files = named ? [named] : [ownFile, dockerFile];
  let given: readonly AddressPool[] = [];
  for (const path of files) {
    const text = readText(path, named !== undefined && named !== "");
    const pools = text === undefined ? undefined : parsePoolSettings(text, path);
    if (!pools) continue;
    given = pools;
    break;
  }
  const isSix = ({ base }: AddressPool) => base.includes(":");
  return [
    ...given,
    ...(given.some((pool) => !isSix(pool)) ? [] : defaultPools),
    ...(given.some(isSix) ? [] : [uniqueLocalPool(`${root}\0${readMachineId()}`)]),
  ];
}

/** machine-id(5); "" where there is none: then the prefix follows from the root alone. */
function readMachineId(): string {
  return readText("/etc/machine-id", false)?.trim() ?? "";
}

function readText(path: string, isNamed: boolean): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (!isNamed && isErrno(error, "ENOENT", "ENOTDIR", "EACCES")) return undefined;
    throw error instanceof Error && "code" in error ? new KernelError("read", String(error.code), path, { cause: error }) : error;
  }
}
