// One call of docker's plug-in protocol: JSON by HTTP over a Unix socket or TCP. Knows no method.
import { request } from "node:http";
import { TsnsError } from "../../base/error.ts";
import { type JsonObject, parseObject } from "../../base/json.ts";

/** docker waits as long for a plug-in. */
const timeoutMs = 30_000;
/** No answer of the protocol is longer. */
const answerMaxBytes = 4 << 20;

/** The answer's object. Throws unavailable naming the plug-in; what it says itself went wrong (`Err`) as conflict `plugin-refused`. */
export async function callPlugin(name: string, address: string, method: string, body: JsonObject = {}): Promise<JsonObject> {
  const { status, text } = await post(name, address, method, JSON.stringify(body));
  const answer = parseObject(text === "" ? "{}" : text);
  const said = typeof answer?.Err === "string" ? answer.Err : "";
  if (said !== "" || status !== 200) {
    const reason = said || text.trim().split("\n")[0] || `HTTP status ${status}`;
    throw new TsnsError("conflict", "plugin-refused", `VolumeDriver ${name}: ${method}: ${reason}`, {
      hint: "the plug-in's own log may say more",
    });
  }
  if (!answer) throw unreachable(name, method, "its answer is no JSON object");
  return answer;
}

function post(name: string, address: string, method: string, body: string): Promise<{ readonly status: number; readonly text: string }> {
  const at = address.startsWith("unix://") ? { socketPath: address.slice("unix://".length) } : placeOf(address);
  return new Promise((resolve, reject) => {
    const call = request({
      ...at,
      method: "POST",
      path: `/${method}`,
      agent: false,
      timeout: timeoutMs,
      headers: {
        Host: "plugin",
        Accept: "application/vnd.docker.plugins.v1.2+json",
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(body),
      },
    });
    call.on("timeout", () => call.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    call.on("error", (error) => reject(unreachable(name, method, error.message, error)));
    call.on("response", (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on("data", (part: Buffer) => {
        bytes += part.length;
        if (bytes > answerMaxBytes) call.destroy(new Error("its answer is too long"));
        else parts.push(part);
      });
      response.on("error", (error) => reject(unreachable(name, method, error.message, error)));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }));
    });
    call.end(body);
  });
}

function placeOf(address: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(address.replace(/^tcp:/, "http:"));
  return { host: hostname, port: Number(port) };
}

function unreachable(name: string, method: string, reason: string, cause?: Error): TsnsError {
  return new TsnsError("unavailable", "plugin-unreachable", `volume plugin ${name}: ${method}: ${reason}`, {
    hint: "is it running?",
    ...(cause ? { cause } : {}),
  });
}
