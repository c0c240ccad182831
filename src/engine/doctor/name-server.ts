// The socket of a name server that was killed. The next one would take it away; until somebody asks there is none.
import { existsSync } from "node:fs";
import { nameServerLock, nameSocket } from "../name/seat.ts";
import type { Finder } from "./finding.ts";

export const findNameSockets: Finder = ({ engine, isBusy }) => {
  const path = nameSocket(engine.root);
  // In this order: a server takes the lock before it makes its socket, and gives it back after that has gone.
  if (!existsSync(path) || isBusy(nameServerLock) || !existsSync(path)) return [];
  return [
    {
      kind: "socket",
      object: path,
      proof: "the name server that listened there was killed",
      bytes: 0,
      owner: "tsns",
      repair: [{ kind: "tree.remove", path, within: engine.root }],
    },
  ];
};
