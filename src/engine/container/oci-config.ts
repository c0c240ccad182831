// The OCI configuration of a container on this host, as a start makes it and as its bundle has it.
import { compileOci } from "../../container/oci/compile.ts";
import type { OciConfig } from "../../container/oci/type.ts";
import type { ContainerRecord } from "../../container/record.ts";
import type { Engine } from "../engine.ts";
import { volumeSources } from "../volume/directory.ts";
import { containerDirectory } from "./directory.ts";
import type { GeneratedFile } from "./generated-file.ts";
import { groupPath } from "./group.ts";
import type { GivenDevices } from "./host-device.ts";
import { readBoundingSet, readHostDevices } from "./host-fact.ts";
import type { JoinTargets } from "./join.ts";

/** What has been found out about it. */
interface Given {
  readonly files: readonly GeneratedFile[];
  readonly devices: GivenDevices;
  readonly joins: JoinTargets;
}

/** Throws TsnsError for capabilities the host lacks. */
export function ociConfigOf(engine: Engine, record: Pick<ContainerRecord, "id" | "spec">, { files, devices, joins }: Given): OciConfig {
  const { id, spec } = record;
  return compileOci(spec, {
    id,
    rootPath: containerDirectory(engine.root, id).root,
    files: files.map(({ source, target }) => ({ source, target })),
    volumes: volumeSources(engine, spec.mounts),
    boundingSet: readBoundingSet(),
    hostDevices: spec.privileged ? readHostDevices() : [],
    devices: devices.nodes,
    join: joins.paths,
    cgroupsPath: groupPath(record),
  });
}
