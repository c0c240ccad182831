// A container as `docker inspect` shows it: field names and shapes of the Docker Engine API 1.50, ContainerInspect. Pure.
import { configView } from "./inspect/config.ts";
import { hostConfigView } from "./inspect/host-config.ts";
import { mountView } from "./inspect/mount.ts";
import { networkView } from "./inspect/network.ts";
import { stateView } from "./inspect/state.ts";
import { rfc3339 } from "./inspect/time.ts";
import type { ContainerState } from "./record.ts";
import type { MountSpec } from "./spec/storage.ts";

export interface InspectInput {
  readonly state: ContainerState;
  readonly logPath: string;
  readonly directory: string;
  readonly lowerDirectories: readonly string[];
  readonly upperDirectory: string;
  readonly workDirectory: string;
  /** Directories of the volumes by their names. */
  readonly volumes: Readonly<Record<string, string>>;
  /** Ids of its networks by their names. */
  readonly networkIds?: Readonly<Record<string, string>>;
  /** Name of a container by its id. */
  readonly nameOf?: (id: string) => string;
  /** Of the execs that run. */
  readonly execIds?: readonly string[];
  readonly sizes?: { readonly rw: number; readonly rootFs: number };
}

/** The whole document of one container. */
export function renderInspect(input: InspectInput): Record<string, unknown> {
  const { state } = input;
  const { record } = state;
  const { spec } = record;
  const [path = "", ...args] = [...spec.entrypoint, ...spec.cmd];
  return {
    Id: record.id,
    Created: rfc3339(record.createdMs),
    Path: path,
    Args: args,
    State: stateView(state),
    Image: spec.imageId,
    ResolvConfPath: `${input.directory}/resolv.conf`,
    HostnamePath: `${input.directory}/hostname`,
    HostsPath: `${input.directory}/hosts`,
    LogPath: input.logPath,
    Name: `/${record.name}`,
    RestartCount: (record.run?.restarts?.count ?? 0) + (state.status === "restarting" ? 1 : 0),
    Driver: "overlay2",
    Platform: "linux",
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: record.spec.apparmor ?? "",
    ExecIDs: input.execIds?.length ? input.execIds : null,
    HostConfig: hostConfigView(record, input.nameOf ?? ((id) => id)),
    GraphDriver: {
      Data: { LowerDir: input.lowerDirectories.join(":"), MergedDir: "", UpperDir: input.upperDirectory, WorkDir: input.workDirectory },
      Name: "overlay2",
    },
    ...(input.sizes ? { SizeRw: input.sizes.rw, SizeRootFs: input.sizes.rootFs } : {}),
    Mounts: [...spec.mounts, ...liveMounts(state)].map((mount) => mountView(mount, input.volumes)),
    Config: configView(record),
    NetworkSettings: networkView(state, input),
  };
}

/** Added while it ran: gone with its run. */
const liveMounts = (state: ContainerState): readonly MountSpec[] =>
  state.status === "running" ? (state.record.run?.mounts ?? []).map(({ mount }) => mount) : [];
