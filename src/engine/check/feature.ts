// What a feature is to `tsns check`: its name, how it is tried, what tsns does without it and how to get it. Values only;
// check.ts tries them.

export type FeatureState = "yes" | "no" | "limited" | "unknown";

export interface Finding {
  readonly state: FeatureState;
  /** The system call, file or program, and what it answered. */
  readonly how: string;
}

export type FeatureGroup =
  | "namespaces"
  | "mounts"
  | "processes"
  | "cgroups"
  | "links"
  | "filter"
  | "storage"
  | "security"
  | "capabilities"
  | "limits"
  | "programs";

/** How a feature is tried. */
export type Trial =
  /** Words for the native helper; all must work. */
  | { readonly by: "native"; readonly words: readonly string[] }
  | { readonly by: "rule"; readonly program: string; readonly table: string; readonly rule: string }
  | { readonly by: "program"; readonly names: readonly string[] }
  | { readonly by: "controller"; readonly controller: string; readonly file?: { readonly v1: string; readonly v2: string } }
  /** clone3 into a v2 group made for it. */
  | { readonly by: "clone-into" }
  | { readonly by: "capability"; readonly name: string }
  /** A file whose text is judged. */
  | { readonly by: "file"; readonly path: string; readonly judge: (text: string) => Finding; readonly missing: Finding };

export interface Feature {
  readonly name: string;
  readonly group: FeatureGroup;
  readonly trial: Trial;
  /** `tsns run` with its defaults does not work without it. */
  readonly essential?: boolean;
  /** What tsns does without it: one clause. */
  readonly without: string;
  /** One clause, with a command where there is one. */
  readonly get: string;
}

/** A feature with what was found. */
export interface FeatureView extends Finding {
  readonly name: string;
  readonly group: FeatureGroup;
  readonly essential: boolean;
  readonly without: string;
  readonly get: string;
}

/** A native word or a list of them. */
export function native(...words: readonly string[]): Trial {
  return { by: "native", words };
}
