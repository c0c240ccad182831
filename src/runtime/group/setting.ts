// What resources become: files of a group and what is written to them, in an order that the kernel takes. Values and small words for both versions.

export interface GroupSetting {
  readonly controller: string;
  readonly file: string;
  /** Several lines are several writes. */
  readonly value: string;
  readonly because: string;
}

/** Which files the kernel has given a group: they depend on how it was built and on schedulers in use. */
export interface GroupFiles {
  /** The one for shares of block I/O; absent: as it is called where there is no BFQ. */
  readonly weightFile?: string;
  /** Sizes of huge pages whose reservations are limited apart from their use, as in `pageSize`. */
  readonly reserved?: readonly string[];
  /** v2: whether swap is counted; absent: yes. */
  readonly hasSwap?: boolean;
  /** Whether CPU time can be saved up (Linux 5.14); absent: yes. */
  readonly hasBurst?: boolean;
}

export interface GroupSettings {
  readonly settings: readonly GroupSetting[];
  /** What this version has nothing for, one line each. */
  readonly warnings: readonly string[];
}

export const settingOf = (controller: string, file: string, value: bigint | number | string, because: string): GroupSetting => ({
  controller,
  file,
  value: `${value}`,
  because,
});

/** The setting, where there is a value. */
export function settingIf<T extends bigint | number | string | boolean>(
  value: T | undefined,
  make: (value: T) => GroupSetting,
): readonly GroupSetting[] {
  return value === undefined ? [] : [make(value)];
}

/** Reservations count against their own limit, which is the one that is meant where the kernel has it; the other holds for what has none. */
export function hugepageSettings(
  limits: readonly { readonly pageSize: string; readonly limit: bigint }[],
  ending: "limit_in_bytes" | "max",
  { reserved = [] }: GroupFiles,
): readonly GroupSetting[] {
  return limits.flatMap(({ pageSize, limit }) => [
    settingOf("hugetlb", `hugetlb.${pageSize}.${ending}`, limit, `the limit of huge pages of ${pageSize}`),
    ...(reserved.includes(pageSize)
      ? [settingOf("hugetlb", `hugetlb.${pageSize}.rsvd.${ending}`, limit, `the limit of reserved huge pages of ${pageSize}`)]
      : []),
  ]);
}
