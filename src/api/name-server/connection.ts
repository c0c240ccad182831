// One container's connection: frames in, answers out. What is known here is answered at once, all answers of one read in one write; what
// others have to answer follows when it comes. Knows nothing of how an answer is found.
import type { Socket } from "node:net";
import { isLocal, type Resolver } from "../../engine/name/resolver.ts";
import { type LocalAnswer, mostAnswerBytes, refusal, writeAnswer } from "../../name/answer.ts";
import { encodeFrame, frameFlag, frameHead, writeFrameHead } from "../../name/frame.ts";
import { headerBytes, mostBytes, type Query, rcode, readQuery } from "../../name/wire.ts";

/** Answers that nobody reads: above this no more questions are taken until they are. */
const mostUnread = 1 << 20;

/** Room for the answers of one write; the largest answer has to fit. */
const batchBytes = 2 * (mostBytes + frameHead);

export interface Connection {
  /** Begins to answer the questions of a batch. */
  begin(): void;
  take(payload: Buffer, tag: number, flags: number): void;
  /** Sends what the batch brought. */
  end(): void;
}

/** All connections share one buffer: a batch is over before the next one begins. */
export const makeBatchBuffer = (): Buffer => Buffer.allocUnsafe(batchBytes);

export function openConnection(socket: Socket, container: string, resolver: Resolver, buffer: Buffer): Connection {
  let at = 0;
  let view = resolver.directory.view(container);

  function flush(): void {
    if (at === 0) return;
    socket.write(Buffer.from(buffer.subarray(0, at)));
    at = 0;
  }

  function send(tag: number, payload: Buffer): void {
    if (!socket.destroyed) socket.write(encodeFrame({ tag, flags: 0, payload }));
  }

  function answer(tag: number, message: Buffer, query: Query, isStream: boolean, local: LocalAnswer): void {
    if (at + frameHead + mostAnswerBytes(local, query.end) > buffer.length) flush();
    const end = writeAnswer(buffer, at + frameHead, message, query, isStream, local);
    writeFrameHead(buffer, at, tag, 0, end - at - frameHead);
    at = end;
  }

  async function pass(tag: number, message: Buffer, query: Query, isStream: boolean, question: string): Promise<void> {
    const [atMs, begin] = [Date.now(), performance.now()];
    const { answer: reply, forwarded } = await resolver.pass(view, message, query, isStream);
    const { server, attempts, message: told = reply } = forwarded;
    // What is remembered is not to keep much: 1,000 of them at 64 KiB each would be.
    const kept = told.length > 4_096 ? reply.subarray(0, query.end) : told;
    const outcome = { server, attempts, message: kept };
    resolver.log.add({ atMs, ms: performance.now() - begin, container, question, isStream, outcome });
    send(tag, reply);
  }

  function take(payload: Buffer, tag: number, flags: number): void {
    const query = readQuery(payload);
    if ("rcode" in query) {
      if (query.rcode !== undefined) send(tag, refusal(payload, query.rcode));
      return;
    }
    if (query.edns !== undefined && query.edns.version > 0) {
      send(tag, refusal(payload, rcode.noError, query));
      return;
    }
    const begin = performance.now();
    const isStream = (flags & frameFlag.stream) !== 0;
    const question = payload.toString("latin1", headerBytes, query.end);
    const decision = resolver.decide(view, payload, query, question);
    if (!isLocal(decision)) {
      void pass(tag, payload, query, isStream, question);
      return;
    }
    answer(tag, payload, query, isStream, decision);
    const asked = { atMs: Date.now(), ms: performance.now() - begin, container, question, isStream, outcome: decision };
    resolver.log.add(asked);
  }

  return {
    begin() {
      view = resolver.directory.view(container);
    },
    take,
    end() {
      flush();
      if (socket.writableLength <= mostUnread) return;
      socket.pause();
      socket.once("drain", () => socket.resume());
    },
  };
}
