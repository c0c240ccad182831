// From what is known of an end to claims about its cause. Pure: reads no file, knows no other container.
import { formatDuration } from "../../base/time.ts";
import { parseFlat, parseNumber } from "../../cgroup/usage.ts";
import type { DeathRecord, SenderRecord } from "../death.ts";
import { parseSignal, signalName } from "../signal.ts";
import type { ContainerSpec } from "../spec.ts";
import { type Claim, claim } from "./claim.ts";
import { memoryClaims } from "./memory.ts";
import { type ProgramFact, programClaims } from "./program.ts";

export interface DeathQuestion {
  readonly name: string;
  readonly spec: ContainerSpec;
  readonly death: DeathRecord;
  /** The command as it lies in the container's files now; absent where nobody had to look. */
  readonly program?: ProgramFact;
}

/** All that can be said, the cause of the end first. Never empty. */
export function judgeDeath(question: DeathQuestion): Claim[] {
  const claims = [
    ...startClaims(question),
    ...monitorClaims(question),
    ...memoryClaims(question.name, question.death),
    ...senderClaims(question),
    ...signalClaims(question),
    ...exitClaims(question),
  ];
  const cause = claims.length > 0 ? claims : [nothingKnown(question)];
  return [...cause, ...pidsClaims(question), ...healthClaims(question)];
}

/** It never ran: the start failed. */
function startClaims({ spec, death: { exit }, program }: DeathQuestion): Claim[] {
  if (exit.error === "" || isLost(exit.error)) return [];
  const found = program ? programClaims(program, spec) : [];
  if (found.length > 0) return found.map((one) => ({ ...one, evidence: [...one.evidence, `the start said: ${exit.error}`] }));
  return [claim("proved", "start-failed", `it could not be started: ${exit.error}`, ["the error of the start itself"])];
}

const isLost = (error: string): boolean => error === "the container's monitor was killed";

function monitorClaims({ death: { exit, senders } }: DeathQuestion): Claim[] {
  if (!isLost(exit.error)) return [];
  // tsns ends a monitor that does not end by itself.
  const killed = senders.some(({ signal }) => signal === sigkill);
  const text =
    "its monitor was gone without a word, and the kernel ended the container with it: the monitor was killed, or the host went down";
  return [
    claim(
      "proved",
      "monitor-killed",
      text,
      ["no exit record was written", ...(killed ? ["tsns had sent SIGKILL before"] : [])],
      "do not kill tsns-monitor processes; see whether the host was restarted (last reboot)",
    ),
  ];
}

const sigterm = 15;
const sigkill = 9;

const said = ({ signal, word, pid, uid }: SenderRecord): string => `${signalName(signal)} by tsns ${word} (pid ${pid}, uid ${uid})`;

/** Commands of tsns that sent the signal it ended by, or that asked it to end. */
function senderClaims({ name, spec, death: { exit, senders } }: DeathQuestion): Claim[] {
  const last = senders.at(-1);
  if (!last) return [];
  const evidence = senders.map((sender) => `${said(sender)} at ${new Date(sender.atMs).toISOString()}`);
  const asked = senders.find(({ word, signal }) => word === last.word && signal !== sigkill);
  if (last.signal === sigkill && asked && exit.signal === sigkill) {
    const waited = formatSeconds(last.atMs - asked.atMs);
    return [
      claim(
        "proved",
        "stop-timeout",
        `tsns ${last.word} asked it to end with ${signalName(asked.signal)}; it still ran ${waited} later and was killed`,
        evidence,
        `let process 1 handle ${signalName(asked.signal)} (without a handler process 1 never notices it), or give --init, --stop-signal or a longer stop -t`,
      ),
    ];
  }
  const byIt = exit.signal === last.signal || exit.exitCode === 128 + last.signal;
  if (byIt) return [claim("proved", wordOf(last), `ended by ${said(last)}`, evidence)];
  const isAsking = last.signal === sigterm || last.signal === parseSignal(spec.stopSignal);
  if (!isAsking) return [];
  return [
    claim(
      "likely",
      wordOf(last),
      `it ended itself, with code ${exit.exitCode}, when ${said(last)} came`,
      evidence,
      `see tsns logs ${name}`,
    ),
  ];
}

const wordOf = ({ word }: SenderRecord): string =>
  word === "health" ? "health-kill" : word === "rm" || word === "kill" ? "killed" : "stopped";

const formatSeconds = (durationMs: number): string => `${(durationMs / 1000).toFixed(durationMs < 10_000 ? 1 : 0)} s`;

/** A signal ended it that tsns did not send. */
function signalClaims(question: DeathQuestion): Claim[] {
  const { death } = question;
  const { signal, oomKilled, error } = death.exit;
  if (signal === 0 || isLost(error) || death.senders.some((sender) => sender.signal === signal)) return [];
  if (signal === sigkill) {
    if (oomKilled) return [];
    return [
      claim(
        "unknown",
        "killed-by-others",
        "SIGKILL ended it; tsns did not send it and no OOM kill is recorded",
        [death.group ? "its group counted no OOM kill" : "its group was gone before it could be asked", logWord(death)],
        "look for who kills processes here: an operator's kill, a supervisor, a limit of the session",
      ),
    ];
  }
  const known = crashes[signal];
  const evidence = [`process 1 ended by ${signalName(signal)}`, ...death.kernelLines];
  if (known) return [claim(known.grade, known.cause, known.text, evidence, known.remedy)];
  return [
    claim("proved", "signal", `${signalName(signal)} ended process 1; tsns did not send it`, evidence),
    claim("unknown", "sender", "who sent it: the container itself or somebody on the host"),
  ];
}

const crash = (grade: Claim["grade"], cause: string, text: string, remedy?: string) => ({
  grade,
  cause,
  text,
  ...(remedy ? { remedy } : {}),
});

/** Signals a process mostly causes itself, signal(7). */
const crashes: Readonly<Record<number, { grade: Claim["grade"]; cause: string; text: string; remedy?: string }>> = {
  4: crash("likely", "bad-instruction", "it ran an instruction this processor lacks", "use a build for this machine's processor"),
  6: crash("likely", "abort", "it ended itself with abort(): an assertion or a corrupted heap", "see what it printed last: tsns logs"),
  7: crash(
    "likely",
    "bus-error",
    "it touched mapped memory without anything behind it: a truncated file, or a full /dev/shm",
    "give a larger --shm-size",
  ),
  8: crash("likely", "arithmetic", "an arithmetic error such as a division by zero"),
  11: crash(
    "likely",
    "crash",
    "it crashed: an access to memory it does not have",
    "a defect of the program, or of a library that does not fit it",
  ),
  13: crash("likely", "broken-pipe", "it wrote to a pipe or connection nobody read any more"),
  31: crash(
    "likely",
    "bad-syscall",
    "a seccomp filter ended it for a system call",
    "tsns why --denied CONTAINER -- COMMAND names the call",
  ),
};

const logWord = ({ kernelLog }: DeathRecord): string =>
  kernelLog === "read"
    ? "the kernel's log does not name it"
    : kernelLog === "denied"
      ? "the kernel's log could not be read"
      : "the kernel's log was not asked";

/** It ended by itself, with a code. */
function exitClaims(question: DeathQuestion): Claim[] {
  const { spec, death, program, name } = question;
  const { exitCode, signal, error } = death.exit;
  if (signal !== 0 || error !== "" || death.senders.length > 0) return [];
  const evidence = [`process 1 ended by itself with code ${exitCode}`];
  if (exitCode === 0) return [claim("proved", "finished", "its command finished with success", evidence)];
  // It was executed: only the loader, which runs inside it, may have failed.
  const found = program ? programClaims(program, spec).filter(({ cause }) => cause === "missing-library") : [];
  if (found.length > 0) return found.map((one) => ({ ...one, evidence: [...evidence, ...one.evidence] }));
  if (exitCode === 126)
    return [claim("likely", "not-executable", "a shell inside could not execute a command (code 126)", evidence, `see tsns logs ${name}`)];
  if (exitCode === 127) {
    return [
      claim(
        "likely",
        "command-not-found",
        "a shell inside did not find a command, or a program a library it needs (code 127)",
        evidence,
        `see tsns logs ${name}; tsns image diff and tsns export show what the image has`,
      ),
    ];
  }
  if (exitCode > 128 && exitCode <= 128 + 64) {
    const inner = signalName(exitCode - 128);
    return [
      claim(
        "likely",
        "child-signal",
        `process 1 passed on that a process it waited for was ended by ${inner} (code ${exitCode})`,
        evidence,
        `see tsns logs ${name}`,
      ),
    ];
  }
  return [claim("proved", "own-exit", `its command failed by itself with code ${exitCode}`, evidence, `see tsns logs ${name}`)];
}

function nothingKnown({ death: { exit, startedMs } }: DeathQuestion): Claim {
  const ran = formatDuration(exit.finishedMs - startedMs);
  return claim("unknown", "unknown", `it ended with code ${exit.exitCode} after ${ran}, and nothing recorded says why`);
}

function pidsClaims({ name, death: { group, exit } }: DeathQuestion): Claim[] {
  const refused = parseFlat(group?.texts.pidsEvents ?? "").get("max") ?? 0;
  if (refused === 0) return [];
  const limit = parseNumber(group?.texts.pidsMax) ?? 0;
  return [
    claim(
      exit.exitCode === 0 ? "proved" : "likely",
      "pids-limit",
      `it was refused a new process or thread ${refused} times: its limit of ${limit} was reached`,
      [`pids.events: max ${refused}`],
      `tsns update --pids-limit ${limit * 2} ${name}`,
    ),
  ];
}

function healthClaims({ death: { exit, senders } }: DeathQuestion): Claim[] {
  const { health } = exit;
  const failures = health?.log.filter(({ exitCode }) => exitCode !== 0) ?? [];
  const last = failures.at(-1);
  if (!health || !last || health.failingStreak === 0 || senders.some(({ word }) => word === "health")) return [];
  const output = last.output.trim().split("\n").at(-1) ?? "";
  return [
    claim("proved", "unhealthy", `its last ${health.failingStreak} health checks had failed`, [
      `the last one: code ${last.exitCode}${output === "" ? "" : `, ${output}`}`,
    ]),
  ];
}
