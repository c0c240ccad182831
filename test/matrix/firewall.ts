// The host's own firewalls, loaded into a test's fresh namespaces as their packages load them: what docker's users have beside it.
// Their configuration is a copy; nothing of the machine's is read for long or written at all.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { endDaemon } from "../fixture/end-daemon.ts";
import { waitFor } from "../fixture/wait.ts";

const sh = (command: string, env: NodeJS.ProcessEnv = {}): string =>
  execFileSync("sh", ["-ec", command], { encoding: "utf8", env: { ...process.env, ...env } });

const both = (rules: readonly string[]): string => rules.map((rule) => `iptables ${rule}; ip6tables ${rule}`).join("\n");

const answers = ["INPUT -i lo -j ACCEPT", "INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"];
const neighbours = "INPUT -p ipv6-icmp -j ACCEPT";

/** INPUT and FORWARD drop what no rule accepts; the host hears answers to what it asked, and IPv6's neighbours. */
export function loadDrop(t: Test): void {
  sh(`${both(answers.map((rule) => `-A ${rule}`))}
    ip6tables -A ${neighbours}
    ${both(["-P INPUT DROP", "-P FORWARD DROP"])}`);
  t.teardown(() =>
    sh(`${both(["-P INPUT ACCEPT", "-P FORWARD ACCEPT"])}
      ${both(answers.map((rule) => `-D ${rule}`))}
      ip6tables -D ${neighbours}`),
  );
}

/** What a machine of the LAN begins is dropped by the administrator's own chain of forwarded packets. */
export function loadUser(t: Test, address: Readonly<Record<"ipv4" | "ipv6", string>>): void {
  const change = (what: "-A" | "-D") => {
    const rule = (source: string) => `${what} TSNS-USER -s ${source} -m conntrack --ctstate NEW -j DROP`;
    sh(`iptables ${rule(address.ipv4)}; ip6tables ${rule(address.ipv6)}`);
  };
  change("-A");
  t.teardown(() => change("-D"));
}

/** A directory of configuration with a copy over it in this mount namespace, until the test ends. */
function cover(t: Test, path: string): string {
  const copy = mkdtempSync(join(tmpdir(), "tsns-firewall-"));
  sh(`cp -a ${path}/. ${copy}; mount --bind ${copy} ${path}`);
  t.teardown(() => {
    sh(`umount ${path}`);
    rmSync(copy, { recursive: true });
  });
  return copy;
}

/** ufw as it is after `ufw enable`: nothing comes in and nothing is forwarded. */
export function loadUfw(t: Test): void {
  const copy = cover(t, "/etc/ufw");
  const conf = `${copy}/ufw.conf`;
  writeFileSync(conf, readFileSync(conf, "utf8").replace("ENABLED=no", "ENABLED=yes"));
  const policies = sh("iptables -S | grep ^-P; ip6tables -S | grep ^-P | sed 's/^/6/'").trim().split("\n");
  sh("/lib/ufw/ufw-init force-reload");
  t.teardown(() => {
    sh("/lib/ufw/ufw-init force-stop");
    for (const line of policies) sh(line.startsWith("6") ? `ip6tables ${line.slice(1)}` : `iptables ${line}`);
  });
}

const bus = (socket: string): string => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=${socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>`;

const isListening = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path, () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });

/**
 * firewalld on a bus of its own, with everything in its default zone, as Debian's package is set up.
 * @returns the environment in which programs find that bus
 */
export async function startFirewalld(t: Test): Promise<NodeJS.ProcessEnv> {
  const folder = mkdtempSync(join(tmpdir(), "tsns-bus-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  cover(t, "/etc/firewalld");
  writeFileSync(`${folder}/bus.conf`, bus(`${folder}/bus`));
  const env = { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${folder}/bus` };
  const daemon = await startDaemon(t, "dbus-daemon", [`--config-file=${folder}/bus.conf`, "--nofork", "--nopidfile"], env);
  await waitFor("the bus", () => isListening(`${folder}/bus`)); // firewalld ends where there is none
  // it makes a directory in /run
  const apart = ["--mount", "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh"];
  const firewalld = await startDaemon(t, "unshare", [...apart, "firewalld", "--nofork", "--nopid", "--log-file", `${folder}/log`], env);
  let said = "";
  await waitFor(
    () => `firewalld to run: ${said}`,
    () => {
      said = sh("firewall-cmd --state 2>&1 || true", env);
      return /^running/.test(said) && daemon.exitCode === null && firewalld.exitCode === null;
    },
    30_000,
  );
  return env;
}

/** Links of its zone of trusted ones. */
export const trusted = (env: NodeJS.ProcessEnv): readonly string[] =>
  sh("firewall-cmd --zone=trusted --list-interfaces", env).trim().split(" ");

/** Ended when `t` is, the last one first. */
async function startDaemon(t: Test, program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...env } });
  child.on("error", (error) => process.stderr.write(`${program}: ${error.message}\n`));
  t.teardown(() => endDaemon(child));
  return child;
}
