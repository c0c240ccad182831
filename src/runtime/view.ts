// A container as `state` and `list` show it: what the specification asks for, and what others' runtimes tell besides. Pure.
import type { RuntimeRecord, RuntimeState } from "./record.ts";

export interface RuntimeView extends RuntimeState {
  /** 0 when it has stopped. */
  readonly pid: number;
  readonly rootfs: string;
  /** RFC 3339. */
  readonly created: string;
  /** Name of who created it, or its number. */
  readonly owner: string;
}

export function viewOf({ ociVersion, id, pid = 0, status, bundle, annotations }: RuntimeState, record: RuntimeRecord): RuntimeView {
  const { rootfs, createdMs, owner } = record;
  return { ociVersion, id, pid, status, bundle, rootfs, created: new Date(createdMs).toISOString(), annotations, owner };
}

/** What `state` prints. */
export const renderView = (view: RuntimeView): string => `${JSON.stringify(view, undefined, 2)}\n`;

/** No text in a document has a line break of its own, so that this is found once. */
const changing = '0,\n  "status": "stopped"';

/** The file of native/oci-state.c: `renderView` before and after what changes, and what is read to see whether the container is paused. */
export function encodeView(view: RuntimeView, groups: RuntimeRecord["groups"]): string {
  const [head, tail] = renderView({ ...view, pid: 0, status: "stopped" }).split(changing);
  const { unified, freezer } = groups;
  const file = unified === undefined ? freezer && `${freezer}/freezer.state` : `${unified}/cgroup.events`;
  return `${head}\0${tail}\0${file ?? ""}\0`;
}
