// Creates a container: resolves the image, merges its defaults, records the result. Makes nothing in the kernel.

import { TsnsError } from "../../base/error.ts";
import { newId, randomName } from "../../base/id.ts";
import { oomWarning } from "../../cgroup/spec.ts";
import { validateResources } from "../../cgroup/validate.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { type CreateRequest, mergeImage } from "../../container/request.ts";
import { hostPlatform, renderPlatform } from "../../image/platform.ts";
import { readCgroupLayout } from "../../kernel/cgroup/layout.ts";
import { findRuntime } from "../../kernel/sandbox/runtime-program.ts";
import { discardedPorts } from "../../network/expose.ts";
import { defaultNetwork } from "../../network/name.ts";
import { findContainer, insertContainer } from "../../store/container-record.ts";
import { findImage, noSuchImage, tryFindImage } from "../../store/image-record.ts";
import { findNetwork } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { isFor, platformOf, requirePlatform } from "../image/platform.ts";
import type { PreparedVolumes } from "../volume/prepare.ts";
import { settleMounts } from "../volume/settle.ts";
import { mountsVolumes, storeVolumes } from "../volume/store.ts";
import { requireAppArmor } from "./confinement.ts";
import { recordContainerEvent } from "./event.ts";
import { readHostname } from "./host-fact.ts";
import { settleLinks } from "./link.ts";
import { remapIds } from "./remap.ts";

/** The record a request leads to; nothing is stored yet. */
export function designContainer(engine: Engine, request: CreateRequest): ContainerRecord {
  requireAppArmor(request);
  const runtime = otherRuntime(request);
  const image = findImage(engine.store, request.image);
  if (request.platform) requirePlatform(image, request.platform, request.image);
  else if (!isFor(image, hostPlatform())) {
    const [made, own] = [platformOf(image), hostPlatform()].map(renderPlatform);
    engine.warn(
      `The requested image's platform (${made}) does not match the detected host platform (${own}) and no specific platform was requested`,
    );
  }
  const id = newId();
  return {
    id,
    name: request.name ?? freeName(engine),
    createdMs: Date.now(),
    spec: {
      ...mergeImage(
        remapped({
          ...settleLinks(engine, settleNetworks(engine, settleJoined(engine, request))),
          mounts: settleMounts(engine, request, image.config.volumes),
        }),
        image,
        id,
        otherHostname(engine, request),
      ),
      ...runtime,
    },
  };
}

/**
 * Other containers whose namespaces it joins by their ids, as docker has them: their names may be others' later. One that is not there is found
 * missing when the container starts.
 */
function settleJoined(engine: Engine, request: CreateRequest): CreateRequest {
  const byId = <M extends { readonly mode: string; readonly container?: string }>(mode: M): M =>
    mode.container === undefined ? mode : { ...mode, container: tryFind(engine, mode.container)?.id ?? mode.container };
  const { network, pid, ipc, uts } = request;
  return { ...request, network: byId(network), pid: byId(pid), ipc: byId(ipc), uts: byId(uts) };
}

/** Networks by their names, also where ids were given; one that is not there is found missing when the container starts. */
function settleNetworks(engine: Engine, request: CreateRequest): CreateRequest {
  const { network, attachments } = request;
  if (attachments.every((attachment) => attachment.network === defaultNetwork)) return request;
  const nameOf = (reference: string): string => findNetwork(engine.store, reference)?.spec.name ?? reference;
  const names = attachments.map((attachment) => nameOf(attachment.network));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new TsnsError("invalid", "network-twice", `network "${twice}" is specified multiple times`, {
      hint: "give each network once",
      exitCode: 125,
    });
  return {
    ...request,
    network: network.mode === "bridge" ? { ...network, network: nameOf(network.network) } : network,
    attachments: attachments.map((attachment) => ({ ...attachment, network: nameOf(attachment.network) })),
  };
}

/** Throws not-found in docker's words for a runtime that is not there. */
function otherRuntime({ runtime }: CreateRequest): Pick<ContainerRecord["spec"], "runtimeProgram"> {
  if (runtime === undefined) return {};
  const program = findRuntime(runtime);
  if (program !== undefined) return { runtimeProgram: program };
  throw new TsnsError("not-found", "no-such-runtime", `unknown or invalid runtime name: ${runtime}`, {
    hint: "give tsns, or an installed OCI runtime by its name or absolute path",
  });
}

function remapped(request: CreateRequest): CreateRequest {
  return request.remapUser === undefined ? request : { ...request, userNamespace: remapIds(request.remapUser) };
}

/** The name a container has that shares its uts namespace or its network; none where the other one of a network is made later. */
function otherHostname(engine: Engine, { uts, network }: CreateRequest): string | undefined {
  if (uts.mode === "container") return findContainer(engine.store, uts.container).spec.hostname;
  return uts.mode === "private" && network.mode === "container" ? tryFind(engine, network.container)?.spec.hostname : readHostname();
}

function tryFind(engine: Engine, container: string): ContainerRecord | undefined {
  try {
    return findContainer(engine.store, container);
  } catch (error) {
    if (error instanceof TsnsError && error.code === "no-such-container") return undefined;
    throw error;
  }
}

function freeName(engine: Engine): string {
  for (let attempt = 0; attempt < 100; attempt++) {
    const name = randomName(attempt);
    if (!engine.store.get("SELECT 1 FROM container WHERE name = ?", name)) return name;
  }
  throw new TsnsError("unavailable", "no-free-name", "no free random name", { hint: "give --name" });
}

/** Stores the record; call inside a transaction, so that no removal of its image comes between. Throws not-found, conflict. */
export function storeContainer(engine: Engine, record: ContainerRecord): void {
  const { imageId, imageName } = record.spec;
  if (!tryFindImage(engine.store, imageId)) throw noSuchImage(imageName);
  insertContainer(engine.store, record);
  storeVolumes(engine, record);
}

/** What its volumes need before it runs; undefined for a container without any: loaded where there are some. */
export async function prepareVolumesOf(engine: Engine, record: ContainerRecord): Promise<PreparedVolumes | undefined> {
  if (!mountsVolumes(record)) return undefined;
  const { prepareVolumes } = await import("../volume/prepare.ts");
  return prepareVolumes(engine, record);
}

/** What docker looks for already when a container is made: whose namespaces it shares, its CPUs and memory nodes. */
function requireThere(engine: Engine, { pid, ipc, resources, cgroupParent }: CreateRequest): void {
  for (const mode of [pid, ipc]) if (mode.mode === "container") findContainer(engine.store, mode.container);
  if (resources.cpusetCpus === undefined && resources.cpusetMems === undefined) return;
  const problems = validateResources(resources, readCgroupLayout(resources, cgroupParent).cpuset);
  if (problems.length > 0) throw new TsnsError("invalid", "resources-invalid", problems.join("; "), { problems });
}

/** Stores a container without starting it (docker create). */
export async function createContainer(engine: Engine, request: CreateRequest): Promise<ContainerRecord> {
  requireThere(engine, request);
  const record = designContainer(engine, request);
  for (const warning of [...oomWarning(record.spec.resources), ...discardedPorts(record.spec)]) engine.warn(warning);
  const volumes = await prepareVolumesOf(engine, record);
  if (
    engine.show({
      steps: [
        {
          step: { kind: "record.put", container: record.id, name: record.name },
          because: "create makes nothing in the kernel: start does",
        },
        ...(volumes?.plan.steps ?? []),
      ],
    })
  )
    return record;
  engine.store.transaction(() => storeContainer(engine, record));
  recordContainerEvent(engine, record, "create");
  await volumes?.make({ starting: false });
  engine.timings.mark("container stored");
  return record;
}
