// The config.json of an OCI bundle for a container: what its image, this host and its Spec say put together.
import { type BundleQuestion, bundleConfig, renderBundle } from "../../container/as/oci.ts";
import { findUser } from "../../container/as/user.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { seccompProfile } from "../../container/seccomp/choice.ts";
import { seccompPlace } from "../../container/seccomp/place.ts";
import type { Engine } from "../engine.ts";
import { lookUp, readPlace, visibleLayers } from "../layer/file.ts";
import { seccompHost } from "./confinement.ts";
import { type GivenDevices, resolveResources } from "./host-device.ts";

/** Throws not-found for a user that the image does not know. */
export function renderBundleOf(
  engine: Engine,
  record: ContainerRecord,
  devices: GivenDevices,
  question: Pick<BundleQuestion, "config" | "own" | "annotations">,
): string {
  const { spec } = record;
  const host = seccompHost();
  const profile = seccompProfile(spec, host);
  const read = fileReader(engine, record);
  const bundle = bundleConfig({
    ...question,
    user: findUser(spec.user, spec.groupAdd ?? [], read("/etc/passwd"), read("/etc/group")),
    resources: resolveResources(spec.resources, devices.rules),
    ...(profile ? { seccomp: { profile, place: seccompPlace(host, question.config.process.capabilities.bounding) } } : {}),
    ...(spec.apparmor === undefined ? {} : { apparmor: spec.apparmor }),
  });
  return `${renderBundle(bundle)}\n`;
}

/** Text of a file of the container; empty when it has none. */
function fileReader(engine: Engine, { id, spec }: ContainerRecord): (path: string) => string {
  const layers = visibleLayers(engine, id, spec.imageId) ?? [];
  return (path) => {
    const place = lookUp(layers, path);
    return place?.type === "file" ? (readPlace(layers, place)?.toString("utf8") ?? "") : "";
  };
}
