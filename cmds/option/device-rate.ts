// docker's options for the rates of block devices, which containers and groups share.
import type { IoKey } from "../../src/cgroup/io-limit.ts";
import type { OptionTable } from "../command.ts";

export const deviceRateOptions = {
  "device-read-bps": { type: "list", value: "device:rate", describe: "Limit read rate from a device (bytes per second)" },
  "device-read-iops": { type: "list", value: "device:rate", describe: "Limit read rate from a device (operations per second)" },
  "device-write-bps": { type: "list", value: "device:rate", describe: "Limit write rate to a device (bytes per second)" },
  "device-write-iops": { type: "list", value: "device:rate", describe: "Limit write rate to a device (operations per second)" },
} as const satisfies OptionTable;

/** What each of them limits. */
export const deviceRates = {
  "device-read-bps": "readBps",
  "device-write-bps": "writeBps",
  "device-read-iops": "readIops",
  "device-write-iops": "writeIops",
} as const satisfies Record<keyof typeof deviceRateOptions, IoKey>;
