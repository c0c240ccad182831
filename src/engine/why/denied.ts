// Use case: what a container is denied: runs a command in it under ptrace and asks what refused each system call, or lists what is set.
import { readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import { boundingCapabilities } from "../../container/oci/process.ts";
import { hostArchitecture } from "../../container/seccomp/architecture.ts";
import { seccompProfile } from "../../container/seccomp/choice.ts";
import { explainSeccomp } from "../../container/seccomp/explain.ts";
import { seccompPlace } from "../../container/seccomp/place.ts";
import { type Claim, claim } from "../../container/why/claim.ts";
import { type DeniedQuestion, judgeDenied, listLimits, type PathFact } from "../../container/why/denied.ts";
import { flattenOperations } from "../../kernel/sandbox/encode.ts";
import { writeOperationsAnywhere } from "../../kernel/sandbox/launch.ts";
import { traceRefusals } from "../../kernel/sandbox/trace.ts";
import { parseMountInfo } from "../../mount/state.ts";
import { openMountTable } from "../../mount/table.ts";
import { findContainer } from "../../store/container-record.ts";
import { seccompHost } from "../container/confinement.ts";
import { containerDirectory } from "../container/directory.ts";
import { planExec } from "../container/exec.ts";
import { readBoundingSet } from "../container/host-fact.ts";
import { type Observation, observeContainer } from "../container/observe.ts";
import { requirePrivilege } from "../container/privilege.ts";
import { requireMoving } from "../container/refusal.ts";
import type { Engine } from "../engine.ts";

/** The command's output goes to standard error. Throws not-found; conflict unless it runs, where a command is given. */
export async function whyDenied(engine: Engine, reference: string, command: readonly string[]): Promise<readonly Claim[]> {
  const record = findContainer(engine.store, reference);
  const observed = observeContainer(engine, record);
  const question = questionOf(observed);
  if (command.length === 0) return listLimits(question);
  requirePrivilege();
  requireMoving(observed, "exec");
  const request = { command, env: [], tty: false, stdin: false, detach: false, privileged: false };
  const operations = flattenOperations(await planExec(engine, record, observed, request));
  const wanted = `${containerDirectory(engine.root, record.id).path}/exec-${engine.self.pid}`;
  const planPath = writeOperationsAnywhere(wanted, operations);
  const calls = traceRefusals(planPath, observed.pid, hostArchitecture(process.arch) ?? "amd64");
  if (calls.length === 0) return [claim("proved", "nothing", `nothing was refused: ${command.join(" ")}`)];
  return judgeDenied(question, calls);
}

function questionOf({ record: { spec, name }, pid }: Observation): DeniedQuestion {
  const capabilities = boundingCapabilities(spec, readBoundingSet());
  const host = seccompHost();
  const profile = seccompProfile(spec, host);
  const place = profile && seccompPlace(host, capabilities);
  return {
    name,
    spec,
    capabilities: capabilities.map((one) => one.replace(/^CAP_/, "")),
    explain: profile && place ? (syscall) => explainSeccomp(profile, syscall, place) : undefined,
    pathFact: (path) => readPath(pid, posix.resolve(spec.workingDirectory || "/", path)),
  };
}

/** As the container has it now. */
function readPath(pid: number, path: string): PathFact {
  const mount = openMountTable(parseMountInfo(readFileSync(`/proc/${pid}/mountinfo`, "utf8"))).mountOf(path);
  const place = mount ? { mount: { target: mount.target, readOnly: mount.options.includes("ro") } } : {};
  try {
    const found = statSync(`/proc/${pid}/root${path}`);
    const isDevice = found.isCharacterDevice() || found.isBlockDevice();
    return { ...place, mode: found.mode, uid: found.uid, gid: found.gid, isDevice };
  } catch {
    return place;
  }
}
