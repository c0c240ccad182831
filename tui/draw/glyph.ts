// The signs of the dashboard, for terminals that know Unicode and for those that know ASCII alone. Pure.

export interface Glyphs {
  readonly isAscii: boolean;
  /** For paper, scripts and screen readers: words alone, and every value whole. */
  readonly isPlain?: true;
  /** Ends a text that was cut. */
  readonly cut: string;
  readonly horizontal: string;
  readonly vertical: string;
  readonly corners: readonly [topLeft: string, topRight: string, bottomLeft: string, bottomRight: string];
  /** Of trees: a branch, the last branch, a way past, closed and open nodes. */
  readonly branch: string;
  readonly lastBranch: string;
  readonly past: string;
  readonly closed: string;
  readonly open: string;
  /** Before the chosen and before a marked row. */
  readonly chosen: string;
  readonly marked: string;
  readonly ascending: string;
  readonly descending: string;
  /** Parts of a bar: full, empty. */
  readonly full: string;
  readonly empty: string;
  /** Of a small curve, lowest first. */
  readonly levels: readonly string[];
  readonly bullet: string;
  readonly arrow: string;
}

export const unicodeGlyphs: Glyphs = {
  isAscii: false,
  cut: "…",
  horizontal: "─",
  vertical: "│",
  corners: ["┌", "┐", "└", "┘"],
  branch: "├─ ",
  lastBranch: "└─ ",
  past: "│  ",
  closed: "▸ ",
  open: "▾ ",
  chosen: "›",
  marked: "✓",
  ascending: "▲",
  descending: "▼",
  full: "█",
  empty: "░",
  levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
  bullet: "•",
  arrow: "→",
};

export const asciiGlyphs: Glyphs = {
  isAscii: true,
  cut: "~",
  horizontal: "-",
  vertical: "|",
  corners: ["+", "+", "+", "+"],
  branch: "|- ",
  lastBranch: "`- ",
  past: "|  ",
  closed: "+ ",
  open: "- ",
  chosen: ">",
  marked: "*",
  ascending: "^",
  descending: "v",
  full: "#",
  empty: ".",
  levels: ["_", ".", ".", "-", "-", "=", "=", "#"],
  bullet: "*",
  arrow: "->",
};

/** No bars and no marks; what would have to be cut says so by a sign that hardly anything else has. */
export const plainGlyphs: Glyphs = {
  ...asciiGlyphs,
  isPlain: true,
  cut: "⟒",
  branch: "  ",
  lastBranch: "  ",
  past: "  ",
  closed: "",
  open: "",
  chosen: "",
  marked: "",
  full: "",
  empty: "",
  levels: [],
};
