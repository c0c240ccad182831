// Options of `run` and `create`, and what they ask of the engine: joins the parts of cmds/option/create/, checks what goes together
// across them. Collects every problem before it complains.
import { resolve } from "node:path";
import type { CreateRequest } from "../../src/container/request.ts";
import type { Context, OptionTable, ValuesOf } from "../command.ts";
import { contentTrustOption } from "./content-trust.ts";
import { isolationOptions, parseIsolation } from "./create/isolation.ts";
import { checkIsolation } from "./create/isolation-conflict.ts";
import { keepOptions, parseKeep } from "./create/keep.ts";
import { logOptions, parseLogging } from "./create/log.ts";
import { checkNetRate, netRateOptions, parseNetRate } from "./create/net-rate.ts";
import { networkOptions, parseNetworking } from "./create/network.ts";
import type { CreatePart } from "./create/part.ts";
import { parseProcess, processOptions } from "./create/process.ts";
import { parseSecurity, securityOptions } from "./create/security.ts";
import { parseStorage, storageOptions } from "./create/storage.ts";
import { wantedPlatform } from "./platform.ts";
import { Problems } from "./problem.ts";
import { parseResources, resourceOptions } from "./resource.ts";

export const createOptions = {
  cidfile: { type: "string", describe: "Write the container ID to the file", completes: "file" },
  "disable-content-trust": contentTrustOption,
  platform: { type: "string", describe: "Take the image for this platform, such as linux/arm64" },
  pull: { type: "string", describe: "Get the image before running: always, missing, never", choices: ["always", "missing", "never"] },
  quiet: { type: "boolean", short: "q", describe: "Do not show the progress of a pull" },
  ...processOptions,
  ...isolationOptions,
  ...securityOptions,
  ...networkOptions,
  ...netRateOptions,
  ...storageOptions,
  ...keepOptions,
  ...logOptions,
  ...resourceOptions,
} as const satisfies OptionTable;

export type CreateValues = ValuesOf<typeof createOptions>;

/** The request of a command line. Throws one TsnsError invalid that lists every problem. */
export function parseCreate(
  context: Context,
  values: CreateValues,
  args: readonly string[],
  attached: boolean,
  detachKeys?: string,
): CreateRequest {
  const problems = new Problems();
  const [image = "", ...command] = args;
  const read: CreatePart["read"] = (body, fallback) => problems.collect(body, fallback);
  const part: CreatePart = { context, problems, attached, detachKeys, read };
  const platform = read(() => wantedPlatform(context, values.platform), undefined);
  const request: CreateRequest = {
    image,
    ...(platform ? { platform } : {}),
    ...(values.cidfile ? { containerIdFile: resolve(context.cwd, values.cidfile) } : {}),
    command,
    ...parseProcess(part, values),
    ...parseIsolation(part, values),
    ...parseSecurity(part, values),
    ...parseNetworking(part, values),
    ...parseNetRate(part, values),
    ...parseStorage(part, values),
    ...parseKeep(part, values),
    ...parseLogging(part, values),
    resources: parseResources(problems, values, values.privileged ?? false),
  };
  checkIsolation(problems, request);
  checkNetRate(part, request);
  problems.throwAsClient();
  return request;
}
