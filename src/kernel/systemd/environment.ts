// What of the environment leads to the bus (sd_bus_default(3)).
const names: readonly string[] = ["DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"];

/** These variables, as far as they are set. */
export const busEnvironment = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
