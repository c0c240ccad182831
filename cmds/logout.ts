// `tsns logout`: forgets who one is at a registry, where docker keeps it.
import { logout } from "../src/engine/registry/login.ts";
import { defaultServer, parseServer } from "../src/engine/registry/server.ts";
import { defineCommand } from "./command.ts";

/** What docker calls its own registry here. */
const defaultServerName = "https://index.docker.io/v1/";

export const command = defineCommand({
  path: "logout",
  usage: "[SERVER]",
  summary: "Log out from a registry",
  options: {},
  arity: [0, 1],
  changes: true,
  run(context, { args }) {
    const server = parseServer(args[0] ?? defaultServer);
    if (!context.mode.dryRun)
      context.stdout.write(`Removing login credentials for ${server === defaultServer ? defaultServerName : server}\n`);
    logout(context.engine(), server, context.env);
    return 0;
  },
});
