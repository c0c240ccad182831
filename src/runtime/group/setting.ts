// What resources become: files of a group and what is written to them, in an order that the kernel takes. Values and small words for both versions.

export interface GroupSetting {
  readonly controller: string;
  readonly file: string;
  /** Several lines are several writes. */
  readonly value: string;
  readonly because: string;
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
