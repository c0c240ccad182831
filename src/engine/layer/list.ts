// tsns layer ls: every overlay that is mounted in any namespace, by its file system, and the layers of our store.
import { shortId } from "../../base/id.ts";
import { parseOverlay } from "../../layer/overlay.ts";
import type { LayerView } from "../../layer/view.ts";
import type { MountView } from "../../mount/view.ts";
import type { Owner } from "../../namespace/owner.ts";
import { listImages } from "../../store/image-record.ts";
import { findLayer, layerPath } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";
import { hasStore } from "../look.ts";
import { listMounts } from "../mount/list.ts";
import { openOwners } from "../owner.ts";

export function listLayers(engine: Engine, which: "all" | "mounted" | "stored"): readonly LayerView[] {
  return [...(which === "stored" ? [] : listOverlays(engine)), ...(which === "mounted" ? [] : listStored(engine))];
}

/** One overlay is one super block, however often it is mounted. */
function listOverlays(engine: Engine): readonly LayerView[] {
  const byDevice = new Map<string, MountView[]>();
  for (const view of listMounts(engine, { all: true })) {
    if (view.type !== "overlay") continue;
    const list = byDevice.get(view.device);
    if (list) list.push(view);
    else byDevice.set(view.device, [view]);
  }
  const owners = openOwners(engine);
  return [...byDevice.values()].map((views) => overlayOf(views, owners.ofPid));
}

function overlayOf(views: readonly MountView[], ownerOf: (pid: number) => Owner | undefined): LayerView {
  const [first] = views;
  const { lower, data, upper = "", work = "" } = parseOverlay(first?.superOptions ?? []);
  const found = views.flatMap(({ usedBy, namespace }) => {
    const inside = namespace.isOwn || namespace.pid === 0 ? undefined : ownerOf(namespace.pid);
    return [...usedBy, ...(inside && inside.engine !== "other" ? [inside] : [])];
  });
  const owners = found.filter((owner, at) => found.findIndex(({ engine, name }) => engine === owner.engine && name === owner.name) === at);
  const inodes = [...new Set(views.map(({ namespace }) => namespace.inode))];
  return {
    kind: "overlay",
    name: first?.target ?? "",
    lower: [...lower, ...data],
    upper,
    work,
    directory: "",
    sizeBytes: 0,
    owners,
    images: [],
    namespaces: inodes,
  };
}

function listStored(engine: Engine): readonly LayerView[] {
  if (!hasStore(engine)) return [];
  const images = new Map<string, string[]>();
  for (const { image, names } of listImages(engine.store)) {
    for (const diffId of image.diffIds) images.set(diffId, [...(images.get(diffId) ?? []), names[0] ?? shortId(image.id)]);
  }
  return [...images].map(([diffId, names]): LayerView => {
    const sizeBytes = findLayer(engine.store, diffId)?.sizeBytes ?? 0;
    const directory = layerPath(engine.root, diffId);
    return {
      kind: "stored",
      name: diffId,
      lower: [],
      upper: "",
      work: "",
      directory,
      sizeBytes,
      owners: [],
      images: names,
      namespaces: [],
    };
  });
}
