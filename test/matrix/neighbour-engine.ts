// A container of another engine beside tsns's: who reaches its published port, and what it reaches itself. The engine is whoever runs the words.
import { writeFileSync } from "node:fs";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { type Question, type Talk, waitForTalk } from "./talk.ts";
import { type Command, lan, type Outside, outside } from "./world.ts";

/** Host port of its container's port 80. */
const port = 9090;

/** Port of a service on `remote`, beside those of the matrix. */
const servicePort = 90;

export interface Theirs {
  /** What comes out, by a name for each question: "theirs ADDRESS", "remote ADDRESS" or "blocked". The same whatever is beside it. */
  reach(): Promise<Readonly<Record<string, string>>>;
  /** The same of TCP and UDP, which may be blocked, for a process's network namespace that asks the published port by the host's address. */
  reachFrom(pid: number): Promise<string>;
}

export interface Engine {
  readonly directory: string;
  readonly ok: Command;
}

/** Starts it on the engine's default network; IPv4, which is what that has. `more`: options of its `run`. */
export async function openTheirs({ ok, directory }: Engine, spaces: Outside, talk: Talk, more: readonly string[]): Promise<Theirs> {
  writeFileSync(`${directory}/image.tar`, makeBusyboxTar([talk.entry]));
  await ok(["import", `${directory}/image.tar`, "box"]);
  const served = ["tcp,*,80", "udp,*,80"];
  const words = ["run", "-d", "--name", "theirs", "-p", `${port}:80/tcp`, "-p", `${port}:80/udp`, "--stop-signal", "KILL"];
  await ok([...words, ...more, "box", "talk", "serve", "theirs", ...served]);
  await waitForTalk(ok, "theirs");
  const [pid = "", address = ""] = (
    await ok(["inspect", "-f", "{{.State.Pid}}{{range .NetworkSettings.Networks}} {{.IPAddress}}{{end}}", "theirs"])
  ).split(" ");
  const inside = ["nsenter", "-t", pid, "-n"];
  const from = (space: "lan" | "remote") => ["nsenter", "-t", `${spaces[space].pid}`, "-n"];
  await talk.serve(from("remote"), "remote", [`tcp,*,${servicePort}`, `udp,*,${servicePort}`]);
  const ask = async (within: readonly string[], address: string, port: number, udpMs = 10_000) => {
    const questions: readonly Question[] = [
      { protocol: "tcp", address, port, timeoutMs: 10_000 },
      { protocol: "udp", address, port, timeoutMs: udpMs },
    ];
    return (await talk.ask(within, questions)).map((answer) => (answer.startsWith("!") ? "blocked" : answer)).join(", ");
  };
  return {
    async reach() {
      const asked = {
        "the host by 127.0.0.1": ask([], "127.0.0.1", port),
        "the host by its address": ask([], lan.ipv4, port),
        "the host, its own address": ask([], address, 80),
        "a machine of the LAN": ask(from("lan"), lan.ipv4, port),
        "one behind it": ask(from("remote"), lan.ipv4, port),
        "itself, out": ask(inside, outside.remote.ipv4, servicePort),
      };
      return Object.fromEntries(await Promise.all(Object.entries(asked).map(async ([name, answer]) => [name, await answer] as const)));
    },
    reachFrom: (asking) => ask(["nsenter", "-t", `${asking}`, "-n"], lan.ipv4, port, 2_000),
  };
}
