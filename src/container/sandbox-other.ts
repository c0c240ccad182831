// The operation list of a container that another OCI runtime makes (native/README.md, "runtime-create"): its monitor sets up the network
// namespace and the root file system that the bundle names. Pure.
import { CLONE, MS, type Operation, type OperationList } from "../plan/operation.ts";
import { overlayOperation, privateMounts, type SandboxInput, upperImageOperations } from "./sandbox.ts";

/** Where the files are that the monitor and the runtime tell each other by. */
export interface OtherRuntime {
  readonly program: string;
  /** Its `--root`. */
  readonly state: string;
  readonly container: string;
  /** Directory of the bundle. */
  readonly bundle: string;
  /** Of the bundle: where the network namespace is bound; absent: it gets none that has been set up. */
  readonly network?: string;
  readonly terminal: boolean;
}

/** What the runtime writes of its failures, JSON a line. */
export const runtimeLog = (bundle: string): string => `${bundle}/runtime.log`;

/** Relative to the bundle for the runtime: a Unix socket's name is short (unix(7)). */
const console = "console";

const hostNamespaceDescriptor = "104";

/** `rootPath`: where the overlay is mounted. */
export function planOtherRuntime(
  rootPath: string,
  input: Pick<SandboxInput, "overlay" | "volatile" | "upperImage" | "monitor" | "network">,
  runtime: OtherRuntime,
): OperationList {
  const { program, state, container, bundle } = runtime;
  const pidFile = `${bundle}/pid`;
  const command = [program, "--root", state, "--log", runtimeLog(bundle), "--log-format", "json"];
  const socket = runtime.terminal ? `${bundle}/${console}` : "";
  const terminal = runtime.terminal ? ["--console-socket", console] : [];
  return {
    monitor: [
      ...input.monitor,
      ...input.network.monitor,
      ...(input.upperImage ? upperImageOperations(input.upperImage.file, input.upperImage.target) : privateMounts),
      ...(runtime.network === undefined ? [] : networkOperations(runtime.network, input.network.init)),
      overlayOperation(rootPath, input.overlay, input.volatile),
      ["runtime-start", bundle, ...command, "start", container],
      ["runtime-create", bundle, pidFile, socket, ...command, "create", "--bundle", bundle, "--pid-file", pidFile, ...terminal, container],
    ],
    init: [["end"]],
  };
}

/** The monitor goes into a new network namespace, sets it up, leaves it bound in its private mount namespace and goes back. */
function networkOperations(path: string, setUp: readonly Operation[]): Operation[] {
  return [
    ["open", hostNamespaceDescriptor, "/proc/self/ns/net"],
    ["unshare", `${CLONE.NEWNET}`],
    ...setUp,
    ["mount", "/proc/self/ns/net", path, "", `${MS.BIND}`, ""],
    ["setns", hostNamespaceDescriptor, `${CLONE.NEWNET}`],
  ];
}
