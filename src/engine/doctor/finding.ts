// What the doctor says of one thing left over, and what a finder is. Each finder is a file of this folder.
import { shellOfStep } from "../../plan/shell.ts";
import type { Step } from "../../plan/step.ts";
import type { Scene } from "./scene.ts";

/** One object that outlived what it was made for. */
export interface Finding {
  /** "container run", "network", "veth", "rule", "cgroup", "lease", "directory", "monitor", "mount" ... */
  readonly kind: string;
  /** Link, path, rule or record. */
  readonly object: string;
  /** How it is known that nobody uses it: one clause. */
  readonly proof: string;
  /** On disk or in memory where that is known, else 0. */
  readonly bytes: number;
  /** Whose it is: "tsns" when journal or mark say so, else who is believed to have made it. */
  readonly owner: string;
  /** What takes it away; for others' things only shown. */
  readonly repair: readonly Step[];
  /** The repair as people would type it, where the steps do not say it. */
  readonly command?: string;
  /** Replaces the performing of `repair`: for what the store has to know of as well. */
  readonly fix?: () => Promise<void> | void;
}

/** Looks for one kind of leftover. What it may not read it leaves out. */
export type Finder = (scene: Scene) => Promise<readonly Finding[]> | readonly Finding[];

/** The repair as shell. */
export function commandOf({ command, repair }: Finding): string {
  return command ?? repair.map((step) => shellOfStep(step)).join("\n");
}
