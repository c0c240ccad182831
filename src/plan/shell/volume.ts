// The shell commands for steps on volumes.
import type { VolumeFill, VolumeStep } from "../step/volume.ts";
import { shellOfOverlayMount } from "./overlay.ts";
import { quoteWord, type Renderers, words } from "./word.ts";

export const volumeShell: Renderers<VolumeStep> = {
  "volume.put": (step) => `: # the store records volume ${quoteWord(step.name)} of the driver ${quoteWord(step.driver)}`,
  "volume.forget": (step) => `: # the store forgets volume ${quoteWord(step.name)}`,
  "volume.fill": shellOfFill,
  "plugin.mount": ({ address, name, options, id, data }) =>
    [
      `${curl(address, "VolumeDriver.Get", { Name: name })} | grep -q '"Mountpoint"\\|"Name"' || ${curl(address, "VolumeDriver.Create", { Name: name, Opts: options })}`,
      `at=$(${curl(address, "VolumeDriver.Mount", { Name: name, ID: id })} | sed -n 's/.*"Mountpoint": *"\\([^"]*\\)".*/\\1/p')`,
      `mount --rbind "$at" ${quoteWord(data)}`,
    ].join("\n"),
  "plugin.unmount": ({ address, name, id, data }) =>
    `${words("umount", "-l", data)}; ${curl(address, "VolumeDriver.Unmount", { Name: name, ID: id })}`,
  "volume.import": ({ archive, data }) =>
    words("tar", "-x", "-p", "--numeric-owner", "--xattrs", "--xattrs-include=*", "-C", data, "-f", archive),
  "volume.export": ({ archive, data }) =>
    words("tar", "-c", "--numeric-owner", "--xattrs", "--xattrs-include=*", "-C", data, "-f", archive, "."),
  "volume.mount": ({ device, type, options, data }) => {
    const isBind = /(^|,)r?bind(,|$)/.test(options);
    const mount = words("mount", ...(isBind ? [] : ["-t", type]), ...(options === "" ? [] : ["-o", options]), device, data);
    return `mountpoint -q ${quoteWord(data)} || ${mount}`;
  },
};

/** One call of the plug-in protocol. */
function curl(address: string, method: string, body: unknown): string {
  const socket = address.startsWith("unix://") ? ["--unix-socket", address.slice("unix://".length)] : [];
  const base = socket.length > 0 ? "http://plugin" : address.replace(/^tcp:/, "http:");
  return words("curl", "-s", ...socket, "-d", JSON.stringify(body), `${base}/${method}`);
}

/** An overlay without an upper directory has at least two layers: a single one is read as it is. */
function shellOfFill({ layers, source, data, uidShift, gidShift }: VolumeFill): string {
  const [only = ""] = layers;
  const copy = (from: string) => `cp -a ${from}/. ${quoteWord(data)}${shellOfShift(data, uidShift, gidShift)}`;
  const test = `[ -n "$(ls -A ${quoteWord(data)})" ] ||`;
  if (layers.length < 2) return `${test} { ${copy(quoteWord(only === "/" ? `/${source}` : `${only}/${source}`))}; }`;
  const mount = shellOfOverlayMount({ lower: layers }, [], true, '"$view"');
  return `${test} { view=$(mktemp -d) && ${mount} && ${copy(`"$view"/${quoteWord(source)}`)}; umount "$view" && rmdir "$view"; }`;
}

const shellOfShift = (data: string, uid: number, gid: number): string =>
  uid === 0 && gid === 0
    ? ""
    : ` && find ${quoteWord(data)} -exec sh -c 'for f; do chown -h "$(($(stat -c %u "$f") + ${uid})):$(($(stat -c %g "$f") + ${gid}))" "$f"; done' sh {} +`;
