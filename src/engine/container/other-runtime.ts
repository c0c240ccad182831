// A start that is left to another OCI runtime: the bundle it is given, and what brings the host back.
import type { OciConfig } from "../../container/oci/type.ts";
import type { ContainerRecord } from "../../container/record.ts";
import type { SandboxInput } from "../../container/sandbox.ts";
import { planOtherRuntime, runtimeLog } from "../../container/sandbox-other.ts";
import { initProgram } from "../../kernel/sandbox/location.ts";
import type { OperationList } from "../../plan/operation.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { Engine } from "../engine.ts";
import { renderBundleOf } from "./bundle.ts";
import type { ContainerDirectory } from "./directory.ts";
import type { GivenDevices } from "./host-device.ts";

/** The files of a bundle, and how the monitor has the runtime make a container of it. */
export interface OtherStart {
  readonly steps: readonly PlannedStep[];
  readonly operations: OperationList;
}

/** Throws not-found for a user that the image does not know. */
export function planOther(
  engine: Engine,
  record: ContainerRecord,
  program: string,
  directory: ContainerDirectory,
  given: { readonly config: OciConfig; readonly input: SandboxInput; readonly devices: GivenDevices },
): OtherStart {
  const { bundle, runtimeState: state } = directory;
  const { config, input } = given;
  const ownNetwork = config.linux.namespaces.some(({ type, path }) => type === "network" && path === undefined);
  const network = ownNetwork ? `${bundle}/network` : undefined;
  const init = record.spec.init ? { init: initProgram } : {};
  const own = { root: config.root.path, ...(network === undefined ? {} : { network }), ...init };
  const text = renderBundleOf(engine, record, given.devices, { config, own });
  return {
    steps: [
      {
        step: { kind: "directory.create", path: bundle, mode: 0o700 },
        because: `the bundle that ${program} is given`,
      },
      {
        step: { kind: "file.write", path: `${bundle}/config.json`, text, mode: 0o600 },
        because: "what the container is to be (OCI runtime-spec)",
        undo: { kind: "runtime.delete", program, state, container: record.id },
      },
      empty(runtimeLog(bundle), "what the runtime says of failures"),
      ...(network === undefined ? [] : [empty(network, "the container's network namespace is bound here for its monitor")]),
    ],
    operations: planOtherRuntime(config.root.path, input, {
      ...{ program, state, container: record.id, bundle },
      ...(network === undefined ? {} : { network }),
      terminal: config.process.terminal,
    }),
  };
}

const empty = (path: string, because: string): PlannedStep => ({
  step: { kind: "file.write", path, text: "", mode: 0o600 },
  because,
});
