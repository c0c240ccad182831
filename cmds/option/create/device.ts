// --device, and the ways to a device that tsns does not go: refused with the reason.
import { parseDevice } from "../../../src/container/device.ts";
import type { CreateRequest } from "../../../src/container/request.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import type { CreatePart } from "./part.ts";

export const deviceOptions = {
  device: { type: "list", value: "device", describe: "Add a host device to the container: HOST[:CONTAINER][:rwm]", completes: "file" },
  gpus: { type: "string", value: "gpu-request", describe: "GPU devices: refused, as there is no driver for them; see --device" },
  "use-api-socket": { type: "boolean", describe: "Bind mount the engine's API socket: refused, as no engine listens" },
} as const satisfies OptionTable;

export function parseDevices({ problems, read }: CreatePart, values: ValuesOf<typeof deviceOptions>) {
  const devices = (values.device ?? []).flatMap((text) => read(() => [parseDevice(text)], []));
  if (values.gpus !== undefined) {
    problems.add(
      'could not select device driver "" with capabilities: [[gpu]]',
      "give the nodes of the driver: --device /dev/dri, or --device /dev/nvidia0 and its fellows",
    );
  }
  if (values["use-api-socket"])
    problems.add(
      "--use-api-socket: there is no API socket, no engine listens",
      "bind a socket of your own: -v /run/NAME.sock:/run/NAME.sock",
    );
  return { ...(devices.length > 0 ? { devices } : {}) } satisfies Partial<CreateRequest>;
}
