// The environment of commands that are run from the dashboard. Pure.

type Environment = Readonly<Record<string, string | undefined>>;

/** What was meant for the dashboard's own process: its data root is an argument of commands, the rest its launcher told it. */
const own: ReadonlySet<string> = new Set(["TSNS_ROOT", "TSNS_SEED", "TSNS_AHEAD", "TSNS_KEPT_NODE_OPTIONS"]);

/** The dashboard's, without what was meant for itself alone; off the terminal without colours, and with lines that move: model/fold.ts reads them. */
export function commandEnvironment(env: Environment, isOnTerminal: boolean): Environment {
  const others = Object.entries(env).filter(([name]) => !own.has(name));
  const aside = { NO_COLOR: "1", TSNS_PROGRESS: env.TSNS_PROGRESS || "tty" };
  return { ...Object.fromEntries(others), ...(isOnTerminal ? {} : aside) };
}
