// Links that sit on a parent, of rtnetlink messages that src/network/message-sublink.ts writes, read back as words of ip(8).

/** linux/if_link.h: MACVLAN_MODE_*, IPVLAN_MODE_*, IPVLAN_F_*. */
const macvlanModes: Readonly<Record<number, string>> = { 1: "private", 2: "vepa", 4: "bridge", 8: "passthru" };
const ipvlanModes: readonly string[] = ["l2", "l3", "l3s"];
const ipvlanFlags: readonly string[] = ["bridge", "private", "vepa"];

/** What follows `type KIND`; undefined for other kinds and for modes that there are not. */
export function sublinkWords(kind: string, data: ReadonlyMap<number, DataView> | undefined): readonly string[] | undefined {
  const [mode, flags] = [data?.get(1), data?.get(2)];
  if (kind === "macvlan") {
    const name = mode && mode.byteLength >= 4 ? macvlanModes[mode.getUint32(0, true)] : undefined;
    return name === undefined ? undefined : ["mode", name];
  }
  if (kind !== "ipvlan") return undefined;
  const name = mode && mode.byteLength >= 2 ? ipvlanModes[mode.getUint16(0, true)] : undefined;
  const flag = flags && flags.byteLength >= 2 ? ipvlanFlags[flags.getUint16(0, true)] : ipvlanFlags[0];
  return name === undefined || flag === undefined ? undefined : ["mode", name, flag];
}
