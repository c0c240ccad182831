// Which descriptor numbers of the native helper (100-199) a plan gives to what it opens. Pure.

const ranges = {
  /** Namespaces that are joined. */
  namespace: [100, 108],
  /** One each: the user namespace, the console's socket, a netlink socket, the socket of the filter's listener. */
  user: [109, 109],
  console: [110, 110],
  netlink: [111, 111],
  listener: [112, 112],
  /** User namespaces of id-mapped mounts. */
  map: [113, 129],
  /** Sources of binds. */
  tree: [130, 199],
} as const;

export interface DescriptorRange {
  /** How many there are, taken or not. */
  readonly count: number;
  /** Decimal; undefined when all are taken. */
  next(): string | undefined;
}

export function descriptors(name: keyof typeof ranges): DescriptorRange {
  const [first, last] = ranges[name];
  let number: number = first;
  return { count: last - first + 1, next: () => (number > last ? undefined : `${number++}`) };
}

/** The one of a kind of which there is one. */
export const descriptorOf = (name: "user" | "console" | "netlink" | "listener"): string => `${ranges[name][0]}`;
