// What objects are called, for shell completion: names first, ids only where the word can be nothing else.
import { shortId } from "../base/id.ts";
import { listContainerRecords } from "../store/container-record.ts";
import { listImages } from "../store/image-record.ts";
import { observeContainer } from "./container/observe.ts";
import type { Engine } from "./engine.ts";
import { listNetworks } from "./network/list.ts";

export interface Named {
  readonly word: string;
  readonly describe?: string;
}

/** Words that may complete to an object of a kind; `prefix` is what has been typed. */
export function listNames(engine: Engine, what: "container" | "running" | "image" | "network", prefix: string): Named[] {
  if (what === "network") return listNetworks(engine).map(({ name }) => ({ word: name }));
  if (what === "image") {
    return listImages(engine.store).flatMap((image) => image.names.map((name) => ({ word: name.replace(/:latest$/, "") })));
  }
  const records = listContainerRecords(engine.store).filter(
    (record) => what !== "running" || observeContainer(engine, record).status === "running",
  );
  const byName = records.map(({ name, spec }) => ({ word: name, describe: spec.imageName }));
  const byId = /^[0-9a-f]{2,}$/.test(prefix) ? records.map(({ id, name }) => ({ word: shortId(id), describe: name })) : [];
  return [...byName, ...byId];
}
