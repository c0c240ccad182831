// The monitor's attach socket seen from TypeScript: only to wait for the end; streams are relayed by the native client.
import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";

const frameHello = 0;
const frameExit = 18;
const headerBytes = 8;

export interface ContainerEnd {
  readonly code: number;
  readonly signal: number;
}

/**
 * Resolves when process 1 of the container has ended, or with undefined when the monitor is gone. `timeoutMs` rejects
 * nothing: it resolves with "timeout". The socket is reached through /proc/self/fd, as its path may pass the 108 bytes of unix(7).
 */
export function waitForEnd(directory: string, timeoutMs?: number): Promise<ContainerEnd | undefined | "timeout"> {
  return new Promise((done) => {
    let descriptor: number;
    try {
      descriptor = openSync(directory, "r");
    } catch {
      return done(undefined);
    }
    const socket = connect(`/proc/self/fd/${descriptor}/attach`);
    let pending = Buffer.alloc(0);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => finish("timeout"), timeoutMs);
    const finish = (result: ContainerEnd | undefined | "timeout") => {
      if (timer) clearTimeout(timer);
      socket.destroy();
      done(result);
    };
    socket.once("connect", () => {
      const hello = Buffer.alloc(headerBytes + 4);
      hello.writeUInt8(frameHello, 0);
      hello.writeUInt32LE(4, 4);
      socket.write(hello);
    });
    socket.on("data", (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= headerBytes) {
        const length = pending.readUInt32LE(4);
        if (pending.length < headerBytes + length) return;
        if (pending[0] === frameExit) return finish({ code: pending.readUInt32LE(8), signal: pending.readUInt32LE(12) });
        pending = pending.subarray(headerBytes + length);
      }
    });
    socket.once("error", () => finish(undefined));
    socket.once("close", () => {
      closeSync(descriptor);
      finish(undefined);
    });
  });
}
