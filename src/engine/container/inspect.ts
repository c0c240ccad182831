// Gathers what the inspect view of a container needs.

import { networkName } from "../../container/inspect/mode.ts";
import { renderInspect } from "../../container/inspect.ts";
import { driverOf } from "../../container/spec/log.ts";
import type { ContainerSpec } from "../../container/spec.ts";
import { builtInNetworkId } from "../../network/name.ts";
import { findContainer, getContainer } from "../../store/container-record.ts";
import { tryGetImage } from "../../store/image-record.ts";
import { layerDirectories } from "../../store/layer.ts";
import { getNetwork } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { volumeSources } from "../volume/directory.ts";
import { containerDirectory } from "./directory.ts";
import { listExecIds } from "./exec-id.ts";
import { observeContainer } from "./observe.ts";
import { repairContainer } from "./repair.ts";
import { containerSizes } from "./size.ts";

/** The document `docker inspect` prints for one container; `size`: with what its files take. Throws not-found. */
export async function inspectContainer(
  engine: Engine,
  reference: string,
  { size = false }: { readonly size?: boolean } = {},
): Promise<Record<string, unknown>> {
  const found = findContainer(engine.store, reference);
  let state = observeContainer(engine, found);
  if (state.status !== "running") {
    await repairContainer(engine, found.id);
    state = observeContainer(engine, findContainer(engine.store, found.id));
  }
  const directory = containerDirectory(engine.root, found.id);
  const image = tryGetImage(engine.store, found.spec.imageId);
  return renderInspect({
    state,
    logPath: driverOf(found.spec.log) === "json-file" ? directory.log : "",
    directory: directory.path,
    lowerDirectories: image && image.source === "layers" ? layerDirectories(engine.root, image) : ["/"],
    upperDirectory: directory.upper,
    workDirectory: directory.work,
    ...(size ? { sizes: containerSizes(engine, found) } : {}),
    execIds: listExecIds(state),
    volumes: volumeSources(engine, found.spec.mounts),
    networkIds: networkIds(engine, found.spec),
    nameOf: (id) => getContainer(engine.store, id)?.name ?? id,
  });
}

const builtIn: ReadonlySet<string> = new Set(["bridge", "host", "none"]);

/** Of those that are not made yet, host and none too. */
function networkIds({ store, root }: Engine, { network, attachments }: ContainerSpec): Readonly<Record<string, string>> {
  const names = network.mode === "bridge" ? attachments.map((attachment) => attachment.network) : [networkName(network)];
  return Object.fromEntries(
    names.flatMap((name) => {
      const id = getNetwork(store, name)?.id ?? (builtIn.has(name) ? builtInNetworkId(root, name) : undefined);
      return id === undefined ? [] : [[name, id]];
    }),
  );
}
