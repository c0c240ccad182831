// The shell commands for steps on credentials: curl asks the registry, jq keeps the entry. The password is read from PASSWORD.
import type { CredentialErase, CredentialStep, CredentialStore } from "../step/credential.ts";
import { quoteWord, type Renderers, words } from "./word.ts";

/** Only loopback is spoken to without TLS. */
const schemeOf = (host: string) => (/^(?:localhost|127\.[0-9.]+|\[::1\])(?::\d+)?$/.test(host) ? "http" : "https");

/** jq over config.json, made where it is missing; only its owner may read it. */
function edit(path: string, args: readonly string[]): string {
  const file = quoteWord(path);
  const fresh = quoteWord(`${path}.new`);
  const directory = quoteWord(path.replace(/\/[^/]*$/, ""));
  return [
    `mkdir -p -m 700 ${directory}`,
    `[ -s ${file} ] || (umask 077 && echo '{}' > ${file})`,
    `(umask 077 && ${words("jq", "--tab", ...args, path)} > ${fresh})`,
    `mv ${fresh} ${file}`,
  ].join(" &&\n  ");
}

function shellOfStore({ server, username, path, helper }: CredentialStore): string {
  if (helper === undefined) {
    const entry = '.auths[$server] = {auth: ("\\($user):\\(env.PASSWORD)" | @base64)}';
    return `export PASSWORD &&\n  ${edit(path, ["--arg", "server", server, "--arg", "user", username, entry])}`;
  }
  const spoken = words(
    "jq",
    "-n",
    "--arg",
    "server",
    server,
    "--arg",
    "user",
    username,
    "{ServerURL: $server, Username: $user, Secret: env.PASSWORD}",
  );
  return `export PASSWORD &&\n  ${spoken} | ${words(`docker-credential-${helper}`, "store")} &&\n  ${edit(path, ["--arg", "server", server, ".auths[$server] = {}"])}`;
}

function shellOfErase({ server, path, helper }: CredentialErase): string {
  const told = helper === undefined ? "" : `printf %s ${quoteWord(server)} | ${words(`docker-credential-${helper}`, "erase")} &&\n  `;
  return told + edit(path, ["--arg", "server", server, "del(.auths[$server])"]);
}

export const credentialShell: Renderers<CredentialStep> = {
  "credential.check": ({ host, username }) =>
    `printf 'user = "%s:%s"\\n' ${quoteWord(username)} "$PASSWORD" | ${words("curl", "-sf", "-o", "/dev/null", "-K", "-", `${schemeOf(host)}://${host}/v2/`)}`,
  "credential.store": shellOfStore,
  "credential.erase": shellOfErase,
};
