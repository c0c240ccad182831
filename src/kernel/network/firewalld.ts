// firewalld of this network namespace: whether it runs, and which links it trusts, by its own program firewall-cmd(1). Its table in
// nf_tables refuses what goes through the host between links that are in no zone of their own, whatever other tables say.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { isErrno, TsnsError } from "../../base/error.ts";
import { systemPath } from "../proc/search-path.ts";

const bus = "/run/dbus/system_bus_socket";

/** Exit codes of firewall-cmd(1): NOT_ENABLED, UNKNOWN_INTERFACE, NOT_RUNNING. */
const nothingToForget: readonly number[] = [12, 17, 252];
const notRunning = 252;

/** Whether it runs in the network namespace of this process. Without asking it, which takes a quarter of a second. */
export function hasFirewalld(): boolean {
  if (process.env.DBUS_SYSTEM_BUS_ADDRESS === undefined && !existsSync(bus)) return false;
  const own = readlinkSync("/proc/self/ns/net");
  return readdirSync("/proc").some((name) => /^\d+$/.test(name) && isFirewalld(name, own));
}

function isFirewalld(pid: string, namespace: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8") === "firewalld\n" && readlinkSync(`/proc/${pid}/ns/net`) === namespace;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH", "EACCES", "EPERM")) return false;
    throw error;
  }
}

/** The links in its zone of trusted ones. Throws as `trustLink`. */
export function readTrusted(): ReadonlySet<string> {
  const { status, stdout, stderr } = ask("--list-interfaces");
  if (status === notRunning) return new Set();
  if (status !== 0) throw failed("list the trusted links", stderr);
  return new Set(stdout.split(/\s+/).filter((name) => name !== ""));
}

/** One that has stopped meanwhile refuses nothing. Throws TsnsError unavailable `firewalld-failed`. */
export function trustLink(link: string): void {
  const { status, stderr } = ask(`--change-interface=${link}`);
  if (status !== 0 && status !== notRunning) throw failed(`trust link ${link}`, stderr);
}

/** Throws as `trustLink`. */
export function forgetLink(link: string): void {
  if (!hasFirewalld()) return;
  const { status, stderr } = ask(`--remove-interface=${link}`);
  if (status !== 0 && !nothingToForget.includes(status)) throw failed(`forget link ${link}`, stderr);
}

function ask(question: string): { readonly status: number; readonly stdout: string; readonly stderr: string } {
  const env = { ...process.env, PATH: systemPath(), LC_ALL: "C" };
  const result = spawnSync("firewall-cmd", ["--zone=trusted", question], { env, encoding: "utf8" });
  if (result.error) throw failed("run firewall-cmd", result.error.message);
  return { status: result.status ?? 128, stdout: result.stdout, stderr: result.stderr };
}

function failed(what: string, said: string): TsnsError {
  return new TsnsError("unavailable", "firewalld-failed", `firewalld does not ${what}: ${said.trim().split("\n").at(-1) ?? ""}`, {
    hint: "look with: firewall-cmd --state",
  });
}
