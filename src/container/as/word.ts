// The words of an option, none when there is nothing to say. Pure.

export type Words = readonly string[];

export const flag = (option: string, wanted: boolean | undefined): Words => (wanted ? [option] : []);
export const one = (option: string, value: string | number | undefined): Words =>
  value === undefined || value === "" ? [] : [option, `${value}`];
export const each = (option: string, values: readonly string[] | undefined): Words => (values ?? []).flatMap((value) => [option, value]);
export const pairs = (option: string, values: Readonly<Record<string, string>> | undefined): Words =>
  each(
    option,
    Object.entries(values ?? {}).map(([key, value]) => `${key}=${value}`),
  );

export const nothing = (): Words => [];
