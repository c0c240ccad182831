// How a mount's events spread, from the optional fields of mountinfo (proc_pid_mountinfo(5), mount_namespaces(7)).

export interface MountPropagation {
  /** "private", "shared", "slave", "slave,shared", "unbindable". */
  readonly kind: string;
  /** Peer group it belongs to. */
  readonly group?: number;
  /** Peer group it receives from. */
  readonly master?: number;
}

function numberOf(fields: readonly string[], tag: string): number | undefined {
  const text = fields.find((field) => field.startsWith(`${tag}:`))?.slice(tag.length + 1);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

export function parsePropagation(fields: readonly string[]): MountPropagation {
  const group = numberOf(fields, "shared");
  const master = numberOf(fields, "master");
  const words = [...(master === undefined ? [] : ["slave"]), ...(group === undefined ? [] : ["shared"])];
  const alone = fields.includes("unbindable") ? "unbindable" : "private";
  return {
    kind: words.length > 0 ? words.join(",") : alone,
    ...(group === undefined ? {} : { group }),
    ...(master === undefined ? {} : { master }),
  };
}

/** "shared 12", "slave of 3": for tables. */
export function renderPropagation({ kind, group, master }: MountPropagation): string {
  if (group === undefined && master === undefined) return kind;
  return [...(group === undefined ? [] : [`shared ${group}`]), ...(master === undefined ? [] : [`slave of ${master}`])].join(", ");
}
