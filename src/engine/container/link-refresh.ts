// Containers that are linked to one which starts again learn its new address: their /etc/hosts is written, as docker does. Their environment stays.
import { readFileSync, writeFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { getContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { containerDirectory } from "./directory.ts";
import { linkHosts, livingLinks } from "./link.ts";
import { observeContainer } from "./observe.ts";

/** Those that have a link to `id` and run. */
export function refreshLinkers(engine: Engine, id: string): void {
  for (const row of engine.store.all("SELECT id FROM container WHERE instr(spec, ?) > 0", `"container":"${id}"`)) {
    const linker = getContainer(engine.store, String(row.id));
    if (linker?.spec.links && observeContainer(engine, linker).status === "running") refreshHosts(engine, linker);
  }
}

/** In place: the file is bound into the container. */
function refreshHosts(engine: Engine, linker: ContainerRecord): void {
  const path = `${containerDirectory(engine.root, linker.id).path}/hosts`;
  const addresses = new Map(linkHosts(livingLinks(engine, linker)));
  try {
    const text = readFileSync(path, "utf8");
    const fresh = text
      .split("\n")
      .map((line) => {
        const names = line.slice(line.indexOf("\t") + 1);
        const address = line.includes("\t") ? addresses.get(names) : undefined;
        return address === undefined ? line : `${address}\t${names}`;
      })
      .join("\n");
    if (fresh !== text) writeFileSync(path, fresh);
  } catch (error) {
    // it has ended meanwhile
    if (!isErrno(error, "ENOENT")) throw error;
  }
}
