// Which of a registry's origins speaks: on loopback and for insecure registries http and https are tried, once.
import { TsnsError } from "../base/error.ts";
import type { Endpoint } from "./endpoint.ts";
import { codeOf } from "./failure.ts";
import type { HttpAnswer, Transport } from "./transport.ts";

/** Errors of an origin that speaks another protocol, or nothing at all; the next one is tried then. */
const otherProtocol = /^(?:EPROTO|ECONNRESET|ECONNREFUSED|HPE_.*|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST))$/;

/**
 * The first origin that answers as HTTP; one alone needs no asking. `learn` sees the answer, for its challenge. Throws the first origin's
 * network error, or another one's that says more.
 */
export async function findOrigin(
  { origins, host }: Endpoint,
  transport: Transport,
  name: string,
  learn: (answer: HttpAnswer) => void,
): Promise<URL> {
  const [only, ...others] = origins;
  if (only && others.length === 0) return only;
  const failures: unknown[] = [];
  for (const url of origins) {
    try {
      const answer = await transport.send({ method: "GET", url: new URL("/v2/", url) });
      answer.discard();
      // What a TLS server answers to plain HTTP: nginx, Apache and Go all say 400.
      if (answer.status === 400 && url.protocol === "http:" && url !== origins.at(-1)) continue;
      learn(answer);
      return url;
    } catch (error) {
      if (!otherProtocol.test(codeOf(error) ?? "")) throw error;
      failures.push(error);
    }
  }
  throw failures[0] ?? new TsnsError("unavailable", "registry-no-http", `${name}: registry ${host} speaks neither HTTP nor TLS`);
}
