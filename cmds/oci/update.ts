// tsns oci update: other limits for a container, by options or as JSON.
import { parseBytesOrUnlimited } from "../../src/base/unit.ts";
import { readConfigFile } from "../../src/engine/runtime/bundle.ts";
import { updateRuntime } from "../../src/engine/runtime/update.ts";
import type { RuntimeResources } from "../../src/runtime/config/resource.ts";
import { defineCommand, type OptionTable, type ValuesOf } from "../command.ts";
import type { Surroundings } from "../host.ts";
import { usageError } from "../usage-error.ts";
import { pathOf } from "./create-option.ts";
import { globalOptions, runtimeOf } from "./global.ts";

export { start } from "./start.ts";

const limitOptions = {
  "blkio-weight": { type: "string", value: "weight", describe: "Weight of block I/O, 10 to 1000" },
  "cpu-burst": { type: "string", value: "us", describe: "CPU time that may be saved up, in microseconds; 0 for none" },
  "cpu-idle": { type: "string", value: "0|1", describe: "Only when nobody else wants the CPU" },
  "cpu-period": { type: "string", value: "us", describe: "Period of --cpu-quota in microseconds" },
  "cpu-quota": { type: "string", value: "us", describe: "CPU time in each period, in microseconds; -1 for no limit" },
  "cpu-rt-period": { type: "string", value: "us", describe: "Period of --cpu-rt-runtime in microseconds" },
  "cpu-rt-runtime": { type: "string", value: "us", describe: "Real-time CPU time in each period, in microseconds" },
  "cpu-share": { type: "string", value: "shares", describe: "Weight of CPU time" },
  "cpuset-cpus": { type: "string", value: "list", describe: "Processors it may use" },
  "cpuset-mems": { type: "string", value: "list", describe: "Memory nodes it may use" },
  "kernel-memory": { type: "string", value: "bytes", describe: "Limit of kernel memory, of kernels that have one" },
  "kernel-memory-tcp": { type: "string", value: "bytes", describe: "Limit of TCP buffers, of kernels that have one" },
  memory: { type: "string", value: "bytes", describe: "Memory limit; -1 for none" },
  "memory-reservation": { type: "string", value: "bytes", describe: "Memory that is left to it when it is scarce" },
  "memory-swap": { type: "string", value: "bytes", describe: "Limit of memory and swap together; -1 for none" },
  "pids-limit": { type: "string", value: "count", describe: "Most processes; -1 for no limit" },
} as const satisfies OptionTable;

export const command = defineCommand({
  path: "oci update",
  usage: "[OPTIONS] CONTAINER-ID",
  summary: "Change the limits of a container",
  options: {
    ...globalOptions,
    ...limitOptions,
    resources: {
      type: "string",
      short: "r",
      value: "file",
      describe: "All of it as JSON (- for standard input), instead of other options",
      completes: "file",
    },
    "l3-cache-schema": { type: "string", value: "schema", describe: "Refused: Intel RDT is not supported" },
    "mem-bw-schema": { type: "string", value: "schema", describe: "Refused: Intel RDT is not supported" },
  },
  arity: [1, 1],
  async run(context, { options, args: [id = ""] }) {
    for (const name of ["l3-cache-schema", "mem-bw-schema"] as const)
      if (options[name]) throw usageError("oci update", [`--${name}: Intel RDT is not supported`], 1);
    const wanted = options.resources ? await documentOf(context, options.resources) : resourcesOf(options);
    await updateRuntime(runtimeOf(context, options), id, wanted);
    return 0;
  },
});

async function documentOf(context: Surroundings, file: string): Promise<string> {
  if (file !== "-") return readConfigFile(pathOf(context, file) ?? file, "--resources");
  const chunks: Uint8Array[] = [];
  for await (const chunk of context.readStdin()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** 0 leaves a limit as it is, as runc has it, but for the burst, of which 0 is none; throws a usage error with every value that is no number. */
function resourcesOf(options: ValuesOf<typeof limitOptions>): RuntimeResources {
  const problems: string[] = [];
  const number = (name: keyof typeof limitOptions) => numberOf(name, options[name], problems, wholeNumber);
  const bytes = (name: keyof typeof limitOptions) => numberOf(name, options[name], problems, (text) => BigInt(parseBytesOrUnlimited(text)));
  const weight = number("blkio-weight");
  const pids = number("pids-limit");
  const idle = options["cpu-idle"];
  if (idle !== undefined && idle !== "0" && idle !== "1") problems.push(`invalid value for cpu-idle: ${idle}`);
  const memory = given({
    limit: bytes("memory"),
    reservation: bytes("memory-reservation"),
    swap: bytes("memory-swap"),
    kernel: bytes("kernel-memory"),
    kernelTcp: bytes("kernel-memory-tcp"),
  });
  const cpu = given({
    shares: number("cpu-share"),
    quota: number("cpu-quota"),
    burst: options["cpu-burst"] === "0" ? 0n : number("cpu-burst"),
    period: number("cpu-period"),
    realtimeRuntime: number("cpu-rt-runtime"),
    realtimePeriod: number("cpu-rt-period"),
    cpus: options["cpuset-cpus"] || undefined,
    mems: options["cpuset-mems"] || undefined,
    idle: idle === undefined ? undefined : Number(idle),
  });
  if (problems.length > 0) throw usageError("oci update", problems, 1);
  return {
    ...{ devices: [], hugepageLimits: [], rdma: {}, unified: {}, memory, cpu },
    ...(pids === undefined ? {} : { pids: { limit: pids } }),
    ...(weight === undefined ? {} : { blockIo: { ...noBlockIo, weight: Number(weight) } }),
  };
}

const noBlockIo = { weightDevice: [], throttleReadBps: [], throttleWriteBps: [], throttleReadIops: [], throttleWriteIops: [] };

const wholeNumber = (text: string): bigint | undefined => (/^[+-]?\d{1,19}$/.test(text) ? BigInt(text) : undefined);

function numberOf(
  name: string,
  text: string | undefined,
  problems: string[],
  parse: (text: string) => bigint | undefined,
): bigint | undefined {
  if (text === undefined || text === "" || text === "0") return undefined;
  try {
    const value = parse(text);
    if (value !== undefined) return value;
  } catch {
    // Said below, in one way for all.
  }
  problems.push(`invalid value for ${name}: ${JSON.stringify(text)}`);
  return undefined;
}

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is not there. */
function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
