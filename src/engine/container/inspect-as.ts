// Use case: what would make a container again: a command line, a compose file, an OCI bundle, the operations on the kernel.
import { existsSync } from "node:fs";
import { missingNetwork } from "../../container/as/bundle-network.ts";
import { renderComposeService } from "../../container/as/compose.ts";
import type { AsQuestion } from "../../container/as/question.ts";
import { renderRunCommand } from "../../container/as/run.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { findContainer, getContainer } from "../../store/container-record.ts";
import { getImage, tryFindImage } from "../../store/image-record.ts";
import type { Engine } from "../engine.ts";
import { renderBundleOf } from "./bundle.ts";
import { containerDirectory } from "./directory.ts";
import { generatedFiles } from "./generated-file.ts";
import { readGivenDevices } from "./host-device.ts";
import { readHostname } from "./host-fact.ts";
import { resolveJoins } from "./join.ts";
import { ociConfigOf } from "./oci-config.ts";
import { planOfStart } from "./start.ts";

export const forms = ["run", "compose", "oci", "sh"] as const;
export type Form = (typeof forms)[number];

/** The text for one container. Throws not-found, and for oci and sh whatever a start would throw. */
export async function inspectAs(engine: Engine, reference: string, form: Form): Promise<string> {
  const record = findContainer(engine.store, reference);
  switch (form) {
    case "run":
      return renderRunCommand(questionOf(engine, record));
    case "compose":
      return renderComposeService(questionOf(engine, record));
    case "oci":
      return renderOci(engine, record);
    case "sh": {
      const { scriptOfPlan } = await import("../../plan/explain.ts");
      return scriptOfPlan(await planOfStart(engine, record));
    }
  }
}

function questionOf(engine: Engine, { id, name, spec }: ContainerRecord): AsQuestion {
  const { config } = getImage(engine.store, spec.imageId);
  return {
    name,
    id,
    spec,
    image: config,
    // the name may have been given to another image since
    imageReference: tryFindImage(engine.store, spec.imageName)?.id === spec.imageId ? spec.imageName : spec.imageId,
    hostName: readHostname(),
    nameOf: (other) => getContainer(engine.store, other)?.name ?? other,
  };
}

function renderOci(engine: Engine, record: ContainerRecord): string {
  const { spec, id } = record;
  const directory = containerDirectory(engine.root, id);
  const joins = resolveJoins(engine, spec);
  const devices = readGivenDevices(spec.devices ?? []);
  const files = generatedFiles(record, directory, record.run?.endpoints, joins, {
    links: [],
  }).filter(({ source }) => existsSync(source));
  const config = ociConfigOf(engine, record, { files, devices, joins });
  return renderBundleOf(engine, record, devices, { config, annotations: missingNetwork(spec, record.run?.endpoints) });
}
