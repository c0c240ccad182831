// Where docker's plug-ins listen: sockets in /run/docker/plugins, files with an address in /etc/docker/plugins and /usr/lib/docker/plugins
// (docs.docker.com/engine/extend/plugin_api).
import { statSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { parseObject } from "../../base/json.ts";
import { readTextIfThere } from "../text-file.ts";

const socketDirectory = "/run/docker/plugins";
const addressDirectories = ["/etc/docker/plugins", "/usr/lib/docker/plugins"];

/** The address of a plug-in: `unix:///PATH` or `tcp://HOST:PORT`; undefined when there is none of that name. Throws unsupported for TLS. */
export function findPlugin(name: string): string | undefined {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return undefined;
  for (const path of [`${socketDirectory}/${name}.sock`, `${socketDirectory}/${name}/${name}.sock`])
    if (statSync(path, { throwIfNoEntry: false })?.isSocket()) return `unix://${path}`;
  for (const directory of addressDirectories) {
    const spec = readOptional(`${directory}/${name}.spec`)?.trim();
    if (spec) return checkAddress(name, spec);
    const json = parseObject(readOptional(`${directory}/${name}.json`) ?? "");
    if (typeof json?.Addr !== "string") continue;
    if (json.TLSConfig !== undefined && json.TLSConfig !== null) throw unsupported(name, "its address file asks for TLS");
    return checkAddress(name, json.Addr);
  }
  return undefined;
}

function checkAddress(name: string, text: string): string {
  if (/^unix:\/\/\/.+/.test(text) || /^(tcp|http):\/\/[^/]+:\d+$/.test(text)) return text;
  throw unsupported(name, `its address "${text}" is none of unix:///PATH and tcp://HOST:PORT`);
}

function unsupported(name: string, reason: string): TsnsError {
  return new TsnsError("unsupported", "plugin-address", `volume plugin ${name} cannot be reached: ${reason}`, {
    hint: "let it listen on a socket in /run/docker/plugins",
  });
}

const readOptional = (path: string): string | undefined => readTextIfThere(path, "ENOENT", "ENOTDIR", "EACCES");
