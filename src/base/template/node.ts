// The tree of a parsed template.

/** A block on a condition or a list. */
export interface Block {
  readonly kind: "if" | "with" | "range";
  readonly pipeline: Pipeline;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipeline: Pipeline }
  | Block
  | { readonly kind: "break" }
  | { readonly kind: "continue" };

export interface Pipeline {
  /** `$x :=`, `$i, $v :=`. */
  readonly variables: readonly string[];
  /** `=` instead of `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
  readonly at: number;
  /** Its source, for messages. */
  readonly text: string;
}

/** An operand with its arguments. */
export type Command = readonly Operand[];

export interface Operand {
  readonly base:
    | { readonly kind: "dot" }
    | { readonly kind: "nil" }
    | { readonly kind: "literal"; readonly value: string | number | boolean }
    | { readonly kind: "variable"; readonly name: string }
    | { readonly kind: "function"; readonly name: string }
    | { readonly kind: "pipeline"; readonly pipeline: Pipeline };
  /** `.A.B` after the base; for a bare `.A.B` the base is dot. */
  readonly fields: readonly string[];
  readonly at: number;
  readonly text: string;
}
