// The option of commands that unpack layers.

export const unpackLimitOption = {
  type: "string",
  value: "limit",
  describe: "Most a layer may unpack to: SIZE, ratio=N, entries=N with commas between, or none (default 256g,ratio=100,entries=4000000)",
} as const;
