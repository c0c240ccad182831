// `tsns why`: the death certificate of a container, what slows it down, what it was denied.
import { TsnsError } from "../src/base/error.ts";
import { renderJson } from "../src/base/text.ts";
import { formatAgo, formatDuration } from "../src/base/time.ts";
import { type Claim, renderClaims } from "../src/container/why/claim.ts";
import { type Certificate, type WhyDeath, whyContainer } from "../src/engine/why/death.ts";
import { type Context, defineCommand } from "./command.ts";

export const command = defineCommand({
  path: "why",
  usage: "[OPTIONS] CONTAINER [-- COMMAND [ARG...]]",
  summary: "Say why a container ended, what slows it down, or what it is denied",
  options: {
    denied: { type: "boolean", describe: "What it is refused: run COMMAND in it and watch its system calls, or look at what is set" },
    json: { type: "boolean", describe: "Print JSON" },
    slow: { type: "boolean", describe: "What slows it down: limits of CPU, memory and processes, pressure" },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  completes: "container",
  async run(context, { options, args, dash }) {
    const [name = "", ...command] = args;
    if (options.slow && options.denied)
      throw new TsnsError("invalid", "bad-option", "conflicting options: --slow and --denied", { hint: "ask one question at a time" });
    if (command.length > 0 && !options.denied)
      throw new TsnsError("invalid", "bad-option", `a command is only taken with --denied: ${command[0]}`, {
        hint: "tsns why --denied CONTAINER -- COMMAND",
      });
    if (command.length > 0 && dash !== 1)
      throw new TsnsError("invalid", "bad-option", `${command[0]}: one container is asked about at a time`, {
        hint: "put -- before a command",
      });
    const engine = context.engine();
    if (options.slow) {
      const { whySlow } = await import("../src/engine/why/slow.ts");
      return printClaims(context, name, await whySlow(engine, name), options.json);
    }
    if (options.denied) {
      const { whyDenied } = await import("../src/engine/why/denied.ts");
      return printClaims(context, name, await whyDenied(engine, name, command), options.json);
    }
    const why = await whyContainer(engine, name, { takeOver: true });
    context.stdout.write(options.json ? `${renderJson(documentOf(why), 4)}\n` : renderWhy(why, Date.now()));
    return 0;
  },
});

function printClaims(context: Context, name: string, claims: readonly Claim[], json: boolean | undefined): number {
  context.stdout.write(json ? `${renderJson(claims, 4)}\n` : `${name}\n${renderClaims(claims)}`);
  return 0;
}

function documentOf({ id, name, status, restarts, deaths }: WhyDeath) {
  return {
    id,
    name,
    status,
    restarts,
    deaths: deaths.map(({ death, claims }) => ({
      started: new Date(death.startedMs).toISOString(),
      ended: endOf(death) === 0 ? null : new Date(endOf(death)).toISOString(),
      exitCode: death.exit.exitCode,
      signal: death.exit.signal,
      claims,
      evidence: { senders: death.senders, group: death.group ?? null, kernelLog: death.kernelLog, kernelLines: death.kernelLines },
    })),
  };
}

const endOf = ({ exit, startedMs }: Certificate["death"]): number => (exit.finishedMs >= startedMs ? exit.finishedMs : 0);

function renderWhy(why: WhyDeath, nowMs: number): string {
  const { name, id, statusText, deaths, isLive, restarts } = why;
  const head = `${name} (${id.slice(0, 12)}): ${statusText}${restarts > 0 ? `, started again ${restarts} times by its restart policy` : ""}\n`;
  const [last] = deaths;
  if (!last) return `${head}  ${isLive ? "it has not ended yet" : "it has never run"}\n`;
  // of one that runs all ends are past
  const [shown, before] = isLive ? [undefined, deaths] : [last, deaths.slice(1)];
  const own = shown ? `${headOf(shown, nowMs)}\n${renderClaims(shown.claims)}` : "";
  const list = before.map((one) => `  ${headOf(one, nowMs)}: ${one.claims[0]?.text ?? ""} (${one.claims[0]?.grade ?? ""})\n`);
  return `${head}${own}${list.length > 0 ? `earlier ends, newest first:\n${list.join("")}` : ""}`;
}

function headOf({ death }: Certificate, nowMs: number): string {
  const { exitCode } = death.exit;
  const end = endOf(death);
  if (end === 0) return `code ${exitCode}, not started, ${formatAgo(death.startedMs, nowMs)}`;
  return `code ${exitCode} after ${formatDuration(end - death.startedMs).toLowerCase()}, ${formatAgo(end, nowMs)}`;
}
