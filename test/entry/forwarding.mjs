// Whether the host passes packets on. tsns turns it on with the first network and leaves it so, since others may rely on it by then; what
// only shows or tests tsns puts it back.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const settings = "/proc/sys/net";

/** ip_forward of both families, and what keeps a host that passes packets listening to its routers. */
function forwardingFiles() {
  const links = readdirSync(`${settings}/ipv6/conf`).map((link) => `ipv6/conf/${link}/accept_ra`);
  return ["ipv4/ip_forward", "ipv6/conf/all/forwarding", ...links].map((name) => `${settings}/${name}`);
}

/** @param {string} file */
function readSetting(file) {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined; // no IPv6, or the link is gone
  }
}

/**
 * Remembers the settings. The result puts back those that have changed and returns their names, as sysctl(8) has them.
 * @returns {() => string[]}
 */
export function keepForwarding() {
  /** @type {readonly (readonly [string, string | undefined])[]} */
  let before = [];
  try {
    before = forwardingFiles().map((file) => [file, readSetting(file)]);
  } catch {
    before = [[`${settings}/ipv4/ip_forward`, readSetting(`${settings}/ipv4/ip_forward`)]];
  }
  return () =>
    before.flatMap(([file, value]) => {
      if (value === undefined || [undefined, value].includes(readSetting(file))) return [];
      writeFileSync(file, `${value}\n`);
      return [`net.${file.slice(settings.length + 1).replaceAll("/", ".")}`];
    });
}
