// What the files of this folder share: each knows the options of one subject and reads its part of the request.
import { TsnsError } from "../../../src/base/error.ts";
import type { Context } from "../../command.ts";
import { type Problems, refusedCode } from "../problem.ts";

/** What a part is read with. Problems are collected, so that all of a command line are told at once. */
export interface CreatePart {
  readonly context: Context;
  readonly problems: Problems;
  /** A client is there from the beginning. */
  readonly attached: boolean;
  readonly detachKeys: string | undefined;
  /** What `body` returns; when it throws, `fallback`, and the problem is collected. */
  read<T>(body: () => T, fallback: T): T;
}

/** What docker's client lets pass and its engine refuses, as one problem. */
export function refusedOption(message: string, hint?: string): TsnsError {
  return new TsnsError("invalid", refusedCode, message, hint === undefined ? {} : { hint });
}

/** A wrong option, as one problem. */
export function badOption(message: string, hint?: string): TsnsError {
  return new TsnsError("invalid", "bad-option", message, hint === undefined ? {} : { hint });
}
