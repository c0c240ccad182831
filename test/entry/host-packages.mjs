// Which programs of the host are needed for what, and how they are installed where that is allowed.
// Knows the package managers apt, dnf and apk; changes nothing unless asked by `installPrograms` or `installDebianPackages`.
import { existsSync, readFileSync } from "node:fs";
import { checkout } from "./node-version.mjs";
import { hasProgram, read, runHere } from "./process.mjs";

/**
 * @typedef {"apt" | "dnf" | "apk"} Manager
 * @typedef {{ program: string[], for: string, packages: Record<Manager, string[]> }} Need  any one of `program` will do;
 *   a name with ".so" is a shared library
 */

/** What building and running tsns takes. @type {Need[]} */
export const runtimeNeeds = [
  {
    program: ["gcc", "clang", "cc"],
    for: "building the native helper",
    packages: { apt: ["gcc", "libc6-dev"], dnf: ["gcc", "glibc-static"], apk: ["gcc", "musl-dev", "linux-headers"] },
  },
  {
    program: ["iptables"],
    for: "masquerading and published ports",
    packages: { apt: ["iptables"], dnf: ["iptables-nft"], apk: ["iptables"] },
  },
  {
    program: ["mkfs.ext4"],
    for: "the writable layer of the host image",
    packages: { apt: ["e2fsprogs"], dnf: ["e2fsprogs"], apk: ["e2fsprogs"] },
  },
  { program: ["ip"], for: "looking at the host from outside", packages: { apt: ["iproute2"], dnf: ["iproute"], apk: ["iproute2"] } },
  {
    program: ["libatomic.so.1"],
    for: "Node 26 as npm brings it",
    packages: { apt: ["libatomic1"], dnf: ["libatomic"], apk: ["libatomic"] },
  },
  { program: ["ping"], for: "the ping of the demonstration", packages: { apt: ["iputils-ping"], dnf: ["iputils"], apk: ["iputils-ping"] } },
];

/** True when a shared library lies in one of the usual places. @param {string} name */
function hasLibrary(name) {
  const folders = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"];
  const multiarch = folders.flatMap((folder) => [folder, ...["x86_64", "aarch64"].map((machine) => `${folder}/${machine}-linux-gnu`)]);
  return multiarch.some((folder) => existsSync(`${folder}/${name}`));
}

/** @param {string} name */
const isThere = (name) => (name.includes(".so") ? hasLibrary(name) : hasProgram(name));

/** @returns {Manager | undefined} */
function packageManager() {
  if (hasProgram("apt-get")) return "apt";
  if (hasProgram("dnf")) return "dnf";
  if (hasProgram("apk")) return "apk";
  return undefined;
}

/** @param {Manager} manager @param {string[]} packages @returns {boolean} */
function install(manager, packages) {
  const commands = {
    apt: ["apt-get", "install", "-y", "-q", "--no-install-recommends", ...packages],
    dnf: ["dnf", "install", "-y", "-q", ...packages],
    apk: ["apk", "add", ...packages],
  };
  const quiet = { DEBIAN_FRONTEND: "noninteractive" };
  if (runHere(commands[manager], quiet) === 0) return true;
  if (manager !== "apt") return false;
  process.stdout.write("package lists may be old: reading them again\n");
  return runHere(["apt-get", "update", "-q"], quiet) === 0 && runHere(commands.apt, quiet) === 0;
}

/** The words a person would type to get packages. @param {Manager} manager @param {string[]} packages */
function installCommand(manager, packages) {
  return `${{ apt: "apt-get install", dnf: "dnf install", apk: "apk add" }[manager]} ${packages.join(" ")}`;
}

/**
 * Installs what provides the needed programs, or says plainly why it may not.
 * @param {Need[]} needs
 * @returns {boolean} true when every program is there now
 */
export function installPrograms(needs) {
  const isMissing = (/** @type {Need} */ need) => !need.program.some(isThere);
  const missing = needs.filter(isMissing);
  if (missing.length === 0) return true;
  const what = missing.map((need) => `${need.program[0]} (${need.for})`).join(", ");
  const manager = packageManager();
  if (manager === undefined) {
    process.stderr.write(`missing on this host: ${what}\n  hint: install them; this host has none of apt, dnf, apk\n`);
    return false;
  }
  const packages = missing.flatMap((need) => need.packages[manager]);
  if (process.getuid?.() !== 0) {
    process.stderr.write(`missing on this host: ${what}\n  hint: as root, run \`${installCommand(manager, packages)}\`\n`);
    return false;
  }
  process.stdout.write(`installing ${packages.join(" ")}: ${what}\n`);
  if (install(manager, packages) && !needs.some(isMissing)) return true;
  process.stderr.write(
    `could not install ${packages.join(" ")}\n  hint: run \`${installCommand(manager, packages)}\` and look at what it says\n`,
  );
  return false;
}

/** Names in .ci/packages. @returns {string[]} */
function testPackages() {
  const lines = readFileSync(`${checkout}/.ci/packages`, "utf8").split("\n");
  return lines.flatMap((line) => line.match(/^[a-z0-9][a-z0-9.+-]+/) ?? []);
}

/**
 * Installs the Debian packages of .ci/packages that are missing. Elsewhere it only says what the tests look for.
 * @returns {boolean} false when a package is known to be missing still
 */
export function installTestPackages() {
  const wanted = testPackages();
  if (!hasProgram("dpkg")) {
    process.stdout.write(`not a Debian system: tests need what these packages hold there: ${wanted.join(" ")}\n`);
    return true;
  }
  const missing = wanted.filter((name) => !read(["dpkg", "-s", name])?.includes("\nStatus: install ok installed\n"));
  if (missing.length === 0) return true;
  if (process.getuid?.() !== 0) {
    process.stderr.write(`missing Debian packages: ${missing.join(" ")}\n  hint: as root, run \`${installCommand("apt", missing)}\`\n`);
    return false;
  }
  process.stdout.write(`installing Debian packages: ${missing.join(" ")}\n`);
  return install("apt", missing);
}
