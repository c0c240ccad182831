// Scopes of systemd: made, changed, ended (org.freedesktop.systemd1(5)). A job is over when its unit has none and says what became of it: that is asked
// again and again, as busctl(1) cannot wait for a signal.
import { TsnsError } from "../../base/error.ts";
import { property, type UnitProperty } from "../../runtime/systemd/property.ts";
import { propertyWords } from "../../runtime/systemd/scope.ts";
import { unitObject } from "../../runtime/systemd/unit.ts";
import { waitUntil } from "../cgroup/wait.ts";
import { callSystemd, readSystemd, type SystemdInstance } from "./busctl.ts";

export interface Unit {
  readonly instance: SystemdInstance;
  readonly name: string;
}

type UnitState = "active" | "failed" | "inactive" | "changing" | "unknown";

function readState({ instance, name }: Unit): UnitState {
  const answer = readSystemd(instance, unitObject(name), "Unit", ["ActiveState", "Job"]);
  if ("refusal" in answer) return "unknown";
  const [state, job] = answer;
  if (job !== '(uo) 0 "/"') return "changing";
  return state === "active" || state === "failed" || state === "inactive" ? state : "changing";
}

const limitMs = 30_000;

function settledState(unit: Unit): UnitState {
  let state: UnitState = "changing";
  waitUntil(() => {
    state = readState(unit);
    return state !== "changing";
  }, limitMs);
  return state;
}

function failed({ instance, name }: Unit, what: string, why: string): TsnsError {
  return new TsnsError("unavailable", "systemd-failed", `systemd does not ${what} unit ${name}: ${why}`, {
    hint: `look with: systemctl ${instance === "user" ? "--user " : ""}status ${name}`,
  });
}

/**
 * A scope with this process in it. One of that name that has failed is forgotten first. Throws TsnsError conflict `unit-exists` for one that is there,
 * unavailable for what systemd refuses.
 */
export function startScope(unit: Unit, properties: readonly UnitProperty[], pid: number): void {
  const words = [unit.name, "fail", ...propertyWords([...properties, property("PIDs", "au", "1", `${pid}`)]), "0"];
  const start = () => callSystemd(unit.instance, "StartTransientUnit", "ssa(sv)a(sa(sv))", words);
  let answer = start();
  if (typeof answer !== "string" && readState(unit) === "failed") {
    callSystemd(unit.instance, "ResetFailedUnit", "s", [unit.name]);
    answer = start();
  }
  const state = typeof answer === "string" ? settledState(unit) : readState(unit);
  if (typeof answer === "string") {
    if (state === "active") return;
    throw failed(unit, "start", `its state is ${state}`);
  }
  if (state !== "active" && state !== "changing") throw failed(unit, "start", answer.refusal);
  throw new TsnsError("conflict", "unit-exists", `unit ${unit.name} exists already`, {
    hint: "another container has linux.cgroupsPath as well: end that one, or choose another name",
  });
}

/** Throws TsnsError unavailable. */
export function changeUnit(unit: Unit, properties: readonly UnitProperty[]): void {
  if (properties.length === 0) return;
  // Until the next start of the machine: the unit will not outlive it.
  const answer = callSystemd(unit.instance, "SetUnitProperties", "sba(sv)", [unit.name, "true", ...propertyWords(properties)]);
  if (typeof answer !== "string") throw failed(unit, "change", answer.refusal);
}

/** Ends whoever is in it. A unit that is gone is no error. Throws TsnsError unavailable when systemd does not end it. */
export function stopUnit(unit: Unit): void {
  const answer = callSystemd(unit.instance, "StopUnit", "ss", [unit.name, "replace"]);
  const state = typeof answer === "string" ? settledState(unit) : readState(unit);
  if (state === "failed") callSystemd(unit.instance, "ResetFailedUnit", "s", [unit.name]);
  else if (state !== "inactive") throw failed(unit, "stop", typeof answer === "string" ? `its state is ${state}` : answer.refusal);
}
