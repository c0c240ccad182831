// Mounts as the kernel lists them: parser of /proc/<pid>/mountinfo (proc_pid_mountinfo(5)).
// Knows the text only; it reads nothing and knows no mount by name.

export interface MountState {
  readonly id: number;
  readonly parentId: number;
  /** st_dev of files below it, `major:minor`. */
  readonly device: string;
  /** Directory of the file system that is the root of this mount. */
  readonly root: string;
  readonly target: string;
  /** Options of this mount: ro, nosuid, relatime ... */
  readonly options: readonly string[];
  /** Optional fields: shared:N, master:N, propagate_from:N, unbindable. */
  readonly propagation: readonly string[];
  readonly type: string;
  readonly source: string;
  /** Options of the super block. */
  readonly superOptions: readonly string[];
}

/** Octal escapes of the kernel's mangle_path: space, tab, newline, backslash, `#` (`\040` ...); bytes above 127 are never escaped. */
export function unescapeOctal(text: string): string {
  return text.includes("\\")
    ? text.replace(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
    : text;
}

function parseLine(line: string): MountState | undefined {
  const fields = line.split(" ");
  const dash = fields.indexOf("-", 6);
  const [id, parentId, device, root, target, options] = fields;
  const [type, source, superOptions] = dash < 0 ? [] : fields.slice(dash + 1);
  if (!id || !parentId || !device || root === undefined || target === undefined || !options || !type) return undefined;
  if (!/^\d+$/.test(id) || !/^\d+$/.test(parentId)) return undefined;
  return {
    id: Number(id),
    parentId: Number(parentId),
    device,
    root: unescapeOctal(root),
    target: unescapeOctal(target),
    options: options.split(","),
    propagation: fields.slice(6, dash),
    type: unescapeOctal(type),
    source: unescapeOctal(source ?? ""),
    superOptions: (superOptions ?? "").split(",").filter((option) => option !== ""),
  };
}

/** Mounts in the kernel's order: of two on the same target the later one is on top. Lines that are no mount are left out. */
export function parseMountInfo(text: string): readonly MountState[] {
  const mounts: MountState[] = [];
  for (const line of text.split("\n")) {
    const mount = line === "" ? undefined : parseLine(line);
    if (mount) mounts.push(mount);
  }
  return mounts;
}
