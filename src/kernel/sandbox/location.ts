// Where the shipped programs lie: beside the bundle, or in dist/ of the checkout when sources run directly.
import { resolve } from "node:path";
import { TsnsError } from "../../base/error.ts";

/** Directory of the built programs. In the bundle `__dirname` is that directory; ES modules have none. */
export const distDirectory: string = typeof __dirname === "string" ? __dirname : resolve(import.meta.dirname, "../../../dist");

/** The native helper; TSNS_SANDBOX names another build of it (sanitizers). */
export const sandboxProgram: string = process.env.TSNS_SANDBOX ?? `${distDirectory}/tsns-sandbox`;

/** Acts inside other namespaces; native/ns.c. */
export const namespaceProgram = `${distDirectory}/tsns-ns`;

/** The command itself, for the monitor to call when a container has ended. */
export const launcherProgram = `${distDirectory}/tsns`;

/** The OCI runtime as one program, for the native creator to call when a container could not be made. */
export const runtimeProgram = `${distDirectory}/tsns-oci`;

/** Process 1 of a container that another OCI runtime makes; native/first.c. */
export const initProgram = `${distDirectory}/tsns-init`;

/** The error of a native program that could not be started. */
export function helperMissing(program: string, options: { readonly cause?: unknown; readonly exitCode?: number } = {}): TsnsError {
  return new TsnsError("unavailable", "helper-missing", `cannot run the native helper ${program}`, {
    hint: "run npm ci again with gcc or clang installed",
    ...options,
  });
}
