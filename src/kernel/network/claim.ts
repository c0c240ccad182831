// Makes the commands of all data roots take turns where they choose from what the network namespace has left: an abstract
// socket (unix(7)) is bound in that namespace, and gone with the process that holds it. Knows nothing of what is chosen.
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { isErrno } from "../../base/error.ts";

const name = "\0tsns-network-claim";
const stepMs = 5;
/** Anybody may bind the name: after this time it is not waited for any longer. */
const limitMs = 5_000;

function bind(): Promise<Server | undefined> {
  return new Promise((done, failed) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error) => (isErrno(error, "EADDRINUSE") ? done(undefined) : failed(error)));
    server.listen(name, () => done(server));
  });
}

/** Runs `body` while no other command of this network namespace does. */
export async function withNetworkClaim<T>(body: () => Promise<T>): Promise<T> {
  let server = await bind();
  for (let waited = 0; !server && waited < limitMs; waited += stepMs) {
    await sleep(stepMs);
    server = await bind();
  }
  try {
    return await body();
  } finally {
    server?.close();
  }
}
