// Ids that this network namespace has for others, as they stand in IFLA_LINK_NETNSID (ip-netns(8), linux/net_namespace.h).
import { KernelError } from "../../base/error.ts";
import { renderMessage, u32 } from "../../network/message.ts";
import { parseAttributes, parseNumber } from "./decode.ts";
import { exchange } from "./socket.ts";

const getNamespaceId = 90; // RTM_GETNSID
const attribute = { id: 1, pid: 2 } as const; // NETNSA_NSID, NETNSA_PID

/** The id of the network namespace of a process; undefined when it has none here, or the process has ended. */
export async function readNamespaceId(pid: number): Promise<number | undefined> {
  try {
    const message = renderMessage(getNamespaceId, 0, new Uint8Array(4), [{ type: attribute.pid, value: u32(pid) }]);
    const answer = await exchange(message, "ask the namespace of", `process ${pid}`);
    const id = answer && parseNumber(parseAttributes(answer.data.subarray(4)).get(attribute.id));
    return id === undefined || (id | 0) < 0 ? undefined : id;
  } catch (error) {
    if (error instanceof KernelError && error.errno === "ESRCH") return undefined;
    throw error;
  }
}
