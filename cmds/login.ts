// `tsns login`: proves to a registry who one is, and keeps that for pull and push, where docker keeps it.
import { TsnsError } from "../src/base/error.ts";
import type { LoginRequest } from "../src/engine/registry/login.ts";
import { defaultServer, parseServer } from "../src/engine/registry/server.ts";
import { type Context, defineCommand, type ValuesOf } from "./command.ts";

const options = {
  password: { type: "string", short: "p", value: "string", describe: "Password or access token" },
  "password-stdin": { type: "boolean", describe: "Take the password or access token from standard input" },
  username: { type: "string", short: "u", value: "string", describe: "User name" },
} as const;

type Options = ValuesOf<typeof options>;
/** Of a password or a user name. */
const inputMaxBytes = 64 * 1024;

export const command = defineCommand({
  path: "login",
  usage: "[OPTIONS] [SERVER]",
  summary: "Log in to a registry",
  options,
  arity: [0, 1],
  changes: true,
  async run(context, { options, args }) {
    checkOptions(options);
    const server = parseServer(args[0] ?? defaultServer);
    if (options.password !== undefined) context.stderr.write("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
    const isOpen = options.username === undefined && options.password === undefined;
    if (isOpen && !context.mode.dryRun && (await enterAsBefore(context, server))) return 0;
    const { login } = await import("../src/engine/registry/login.ts");
    const done = await login(context.engine(), await requestOf(context, options, server));
    if (!done) return 0;
    if (done.openIn !== undefined) context.stderr.write(openWarning(done.openIn));
    context.stdout.write("Login Succeeded\n");
    return 0;
  },
});

function checkOptions({ username, password, "password-stdin": fromStdin }: Options): void {
  if (password !== undefined && fromStdin) throw wrong("conflicting options: cannot specify both --password and --password-stdin");
  if (fromStdin && username === undefined) throw wrong("the --password-stdin option requires --username to be set");
  if (username === "") throw wrong("username is empty");
  if (password === "") throw wrong("password is empty");
}

function wrong(message: string): TsnsError {
  return new TsnsError("invalid", "login-option", message, { hint: "tsns login -u USER --password-stdin SERVER < FILE" });
}

/** What is kept already may still be good. */
async function enterAsBefore(context: Context, server: string): Promise<boolean> {
  const { loggedInAs, proveKept } = await import("../src/engine/registry/login.ts");
  const kept = loggedInAs(server, context.env);
  if (!kept) return false;
  context.stderr.write(`Authenticating with existing credentials...${kept.username === "" ? "" : ` [Username: ${kept.username}]`}\n`);
  try {
    await proveKept(server, { env: context.env, signal: context.signal });
  } catch (error) {
    if (!(error instanceof TsnsError) || error.code !== "registry-denied" || !context.stdinIsTTY) throw error;
    context.stderr.write(`Login did not succeed, error: ${error.message}\n`);
    return false;
  }
  context.stdout.write("Login Succeeded\n");
  return true;
}

async function requestOf(context: Context, options: Options, server: string): Promise<LoginRequest> {
  const access = { server, env: context.env, signal: context.signal };
  if (options["password-stdin"]) return { ...access, username: options.username ?? "", password: await readPassword(context) };
  if (options.username !== undefined && options.password !== undefined)
    return { ...access, username: options.username, password: options.password };
  if (context.mode.dryRun && options.username !== undefined) return { ...access, username: options.username, password: "" };
  if (!context.stdinIsTTY) {
    throw new TsnsError("invalid", "no-terminal", "cannot perform an interactive login from a non TTY device", {
      hint: "tsns login -u USER --password-stdin SERVER < FILE",
    });
  }
  const { askLine } = await import("./option/ask.ts");
  const username = options.username ?? (await askLine(context, "Username: ", { isShown: true }));
  if (username === "") throw wrong("username is empty");
  const password = options.password ?? (await askLine(context, "Password: ", { isShown: false }));
  if (password === "") throw wrong("password is empty");
  return { ...access, username, password };
}

/** All of standard input without the line break at its end. */
async function readPassword(context: Context): Promise<string> {
  let text = "";
  for await (const chunk of context.readStdin()) {
    text += Buffer.from(chunk).toString("utf8");
    if (text.length > inputMaxBytes) throw wrong("the password on standard input is too long");
  }
  const password = text.replace(/\r?\n$/, "");
  if (password === "") throw wrong("password is empty");
  return password;
}

/** docker's. */
function openWarning(path: string): string {
  return `
WARNING! Your credentials are stored unencrypted in '${path}'.
Configure a credential helper to remove this warning. See
https://docs.docker.com/go/credential-store/

`;
}
