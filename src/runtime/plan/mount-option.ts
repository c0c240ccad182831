// Option words of a mount (runtime-spec 1.2, config.md, Linux mount options) as flags of mount(2) and attributes of mount_setattr(2). Pure.
import { propagations } from "../../container/mount-option.ts";
import { MOUNT_ATTR, MS } from "../../plan/operation.ts";

export interface RuntimeMountOptions {
  /** MS_* of mount(2) without MS_BIND, MS_REC and propagation. */
  readonly flags: number;
  /** Words that were said about single flags, for a bind: what is set, and what is taken away. MOUNT_ATTR_*. */
  readonly attributes: AttributeChange;
  /** The same with all mounts below. */
  readonly attributesBelow: AttributeChange;
  readonly bind: boolean;
  readonly recursive: boolean;
  /** What is mounted there already gets other flags. */
  readonly remount: boolean;
  /** One of MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE, perhaps with MS_REC; 0 for none. */
  readonly propagation: number;
  /** A tmpfs begins with what is below it. */
  readonly copiesUp: boolean;
  readonly idMap: "none" | "one" | "all";
  /** What is left, for the file system itself. */
  readonly data: string;
}

export interface AttributeChange {
  readonly set: number;
  readonly clear: number;
}

/** Access times are one value of several: a change names all of its bits as taken away. */
const anyAtime = MOUNT_ATTR.ATIME;

interface Word {
  readonly flag: number;
  readonly isOff?: true;
  readonly attribute: AttributeChange;
}

const on = (flag: number, set: number): Word => ({ flag, attribute: { set, clear: 0 } });
const off = (flag: number, clear: number): Word => ({ flag, isOff: true, attribute: { set: 0, clear } });
const atime = (flag: number, set: number): Word => ({ flag, attribute: { set, clear: anyAtime } });

/** Words with a twin that has an r in front: that one is for all mounts below too (mount_setattr(2), AT_RECURSIVE). */
const attributeWords: Readonly<Record<string, Word>> = {
  ro: on(MS.RDONLY, MOUNT_ATTR.RDONLY),
  rw: off(MS.RDONLY, MOUNT_ATTR.RDONLY),
  nosuid: on(MS.NOSUID, MOUNT_ATTR.NOSUID),
  suid: off(MS.NOSUID, MOUNT_ATTR.NOSUID),
  nodev: on(MS.NODEV, MOUNT_ATTR.NODEV),
  dev: off(MS.NODEV, MOUNT_ATTR.NODEV),
  noexec: on(MS.NOEXEC, MOUNT_ATTR.NOEXEC),
  exec: off(MS.NOEXEC, MOUNT_ATTR.NOEXEC),
  nodiratime: on(MS.NODIRATIME, MOUNT_ATTR.NODIRATIME),
  diratime: off(MS.NODIRATIME, MOUNT_ATTR.NODIRATIME),
  nosymfollow: on(MS.NOSYMFOLLOW, MOUNT_ATTR.NOSYMFOLLOW),
  symfollow: off(MS.NOSYMFOLLOW, MOUNT_ATTR.NOSYMFOLLOW),
  relatime: atime(MS.RELATIME, MOUNT_ATTR.RELATIME),
  norelatime: { flag: MS.RELATIME, isOff: true, attribute: { set: MOUNT_ATTR.STRICTATIME, clear: anyAtime } },
  strictatime: atime(MS.STRICTATIME, MOUNT_ATTR.STRICTATIME),
  nostrictatime: { flag: MS.STRICTATIME, isOff: true, attribute: { set: MOUNT_ATTR.RELATIME, clear: anyAtime } },
  noatime: atime(MS.NOATIME, MOUNT_ATTR.NOATIME),
  atime: { flag: MS.NOATIME, isOff: true, attribute: { set: MOUNT_ATTR.RELATIME, clear: anyAtime } },
};

/** Flags of the file system itself, which a bind cannot have. */
const fileSystemWords: Readonly<Record<string, readonly [flag: number, isOn: boolean]>> = {
  sync: [MS.SYNCHRONOUS, true],
  async: [MS.SYNCHRONOUS, false],
  dirsync: [MS.DIRSYNC, true],
  mand: [MS.MANDLOCK, true],
  nomand: [MS.MANDLOCK, false],
  silent: [MS.SILENT, true],
  loud: [MS.SILENT, false],
  iversion: [MS.I_VERSION, true],
  noiversion: [MS.I_VERSION, false],
  lazytime: [MS.LAZYTIME, true],
  nolazytime: [MS.LAZYTIME, false],
  acl: [MS.POSIXACL, true],
  noacl: [MS.POSIXACL, false],
};

const propagationWords: Readonly<Record<string, number>> = {
  ...propagations,
  unbindable: MS.UNBINDABLE,
  runbindable: MS.UNBINDABLE | MS.REC,
};

/** Says nothing to the kernel. */
const silentWords: ReadonlySet<string> = new Set(["defaults"]);

const none: AttributeChange = { set: 0, clear: 0 };
const joined = (before: AttributeChange, { set, clear }: AttributeChange): AttributeChange => ({
  set: (before.set & ~clear) | set,
  clear: (before.clear & ~set) | clear,
});

/** Words for all mounts below, as they are written ("rro"). */
export const recursiveWords: readonly string[] = Object.keys(attributeWords).map((word) => `r${word}`);

/** Every word that is not left to the file system (features.md, mountOptions). */
export const knownMountOptions: readonly string[] = [
  ...new Set([
    ...Object.keys(attributeWords),
    // "relatime" and the like have a meaning of their own that no r in front is taken off from
    ...recursiveWords,
    ...Object.keys(fileSystemWords),
    ...Object.keys(propagationWords),
    ...silentWords,
    ...["bind", "rbind", "remount", "tmpcopyup", "idmap", "ridmap"],
  ]),
].sort();

/** Splits a list of options; later ones win. */
export function parseRuntimeMountOptions(options: readonly string[]): RuntimeMountOptions {
  let flags = 0;
  let attributes = none;
  let attributesBelow = none;
  let [bind, recursive, remount, copiesUp] = [false, false, false, false];
  let idMap: RuntimeMountOptions["idMap"] = "none";
  let propagation = 0;
  const data: string[] = [];
  for (const option of options) {
    const word = own(attributeWords, option);
    const below = word || !option.startsWith("r") ? undefined : own(attributeWords, option.slice(1));
    const ofSystem = own(fileSystemWords, option);
    const spread = own(propagationWords, option);
    if (word) {
      flags = word.isOff ? flags & ~word.flag : flags | word.flag;
      attributes = joined(attributes, word.attribute);
    } else if (below) attributesBelow = joined(attributesBelow, below.attribute);
    else if (ofSystem) flags = ofSystem[1] ? flags | ofSystem[0] : flags & ~ofSystem[0];
    else if (spread !== undefined) propagation = spread;
    else if (option === "bind" || option === "rbind") {
      bind = true;
      recursive = option === "rbind";
    } else if (option === "remount") remount = true;
    else if (option === "tmpcopyup") copiesUp = true;
    else if (option === "idmap" || option === "ridmap") idMap = option === "idmap" ? "one" : "all";
    else if (!silentWords.has(option)) data.push(option);
  }
  return { flags, attributes, attributesBelow, bind, recursive, remount, propagation, copiesUp, idMap, data: data.join(",") };
}

const own = <T>(table: Readonly<Record<string, T>>, word: string): T | undefined => (Object.hasOwn(table, word) ? table[word] : undefined);
