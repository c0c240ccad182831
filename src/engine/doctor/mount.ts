// Mounts of this host below the data root, where tsns itself makes none but named namespaces, and loop devices on its files.
import { readdirSync, readFileSync } from "node:fs";
import { readTextIfThere } from "../../kernel/text-file.ts";
import { parseMountInfo } from "../../mount/state.ts";
import type { Finder, Finding } from "./finding.ts";

export const findMounts: Finder = ({ engine, journalOwners }) => {
  const own = new Set(journalOwners.flatMap((owner) => (owner.startsWith("mount:") ? [owner.slice("mount:".length)] : [])));
  return parseMountInfo(readFileSync("/proc/self/mountinfo", "utf8"))
    .filter(({ target, type }) => target.startsWith(`${engine.root}/containers/`) && type !== "nsfs" && !own.has(target))
    .reverse()
    .map(({ target, type }) => ({
      kind: "mount",
      object: target,
      proof: `a container's mounts (${type}) are in its own namespace, never on the host`,
      bytes: 0,
      owner: "tsns",
      repair: [{ kind: "mount.remove", target, lazy: true }],
    }));
};

const blocks = "/sys/block";

const readText = (path: string): string | undefined => readTextIfThere(path, "ENOENT", "EACCES", "ENXIO", "ENODEV")?.trim();

/** The kernel frees a loop device with its last mount (LO_FLAGS_AUTOCLEAR): one that is left is held by a process. */
export const findLoops: Finder = ({ engine, running }) =>
  readdirSync(blocks)
    .filter((name) => /^loop\d+$/.test(name))
    .flatMap((name): Finding[] => {
      const file = readText(`${blocks}/${name}/loop/backing_file`);
      const id = file?.startsWith(`${engine.root}/containers/`) ? file.slice(`${engine.root}/containers/`.length).slice(0, 64) : undefined;
      if (file === undefined || id === undefined || running.has(id)) return [];
      return [
        {
          kind: "loop device",
          object: `/dev/${name}`,
          proof: `container ${id.slice(0, 12)}, whose layer it shows, does not run`,
          bytes: 0,
          owner: "tsns",
          repair: [],
          command: `losetup -d /dev/${name}`,
        },
      ];
    });
