// docker's --device: which node of the host, where it is inside, what may be done with it. Pure; what is there is looked at when the
// container starts (src/engine/container/host-device.ts).
import { posix } from "node:path";
import { TsnsError } from "../base/error.ts";
import type { DeviceAccess } from "../cgroup/device.ts";
import type { DeviceSpec } from "./spec/isolation.ts";

/** HOST[:CONTAINER][:rwm], each letter at most once. Throws TsnsError invalid. */
export function parseDevice(text: string): DeviceSpec {
  // fully qualified names of the Container Device Interface: vendor.com/class=name
  if (/^[A-Za-z][\w.-]*\/[A-Za-z][\w.-]*=[\w.:-]+$/.test(text)) {
    throw bad(`--device ${text}: CDI device injection is not supported`, "name the device nodes: --device /dev/NAME");
  }
  const parts = text.split(":");
  const [hostPath = "", second, third] = parts;
  const hint = "write --device HOST[:CONTAINER][:rwm], such as /dev/fuse or /dev/sdc:/dev/xvdc:r";
  if (parts.length > 3 || !hostPath.startsWith("/")) throw bad(`bad format for path: ${text}`, hint);
  const mode = third ?? (second !== undefined && isMode(second) ? second : undefined);
  const containerPath = second === undefined || (third === undefined && mode !== undefined) ? hostPath : second;
  if (mode !== undefined && !isMode(mode)) throw bad(`bad mode specified: ${mode}`, "give of the letters r, w and m each at most once");
  if (!containerPath.startsWith("/")) throw bad(`${containerPath} is not an absolute path`, hint);
  const inside = posix.normalize(containerPath).replace(/(?<=.)\/$/, "");
  if (inside === "/") throw bad(`--device ${text}: the root directory cannot be a device`, hint);
  return { hostPath: posix.normalize(hostPath), containerPath: inside, access: mode === undefined ? "rwm" : accessOf(mode) };
}

const isMode = (text: string): boolean => /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;

/** In the kernel's order. */
const accessOf = (mode: string): DeviceAccess => ["r", "w", "m"].filter((letter) => mode.includes(letter)).join("") as DeviceAccess;

function bad(message: string, hint: string): TsnsError {
  return new TsnsError("invalid", "bad-device", message, { hint });
}
