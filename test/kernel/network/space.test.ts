// Messages as a real kernel (6.18) sent them: connections, sockets, chains.
import t from "tap";
import { parseFlowReply } from "../../../src/kernel/network/conntrack.ts";
import { parseSocketReply } from "../../../src/kernel/network/socket.ts";
import { parseHookedChain } from "../../../src/kernel/network/space-rule.ts";
import { rewrittenDestination, rewrittenSource } from "../../../src/network/flow/flow.ts";

const reply = (...hex: readonly string[]) => ({ type: 0, data: Uint8Array.from(Buffer.from(hex.join(""), "hex")) });

t.test("a connection of ctnetlink", async (t) => {
  const flow = parseFlowReply(
    reply(
      "020000003400018014000180080001007f000001080002007f0000011c000280050001000600000006000200da520000060003001f900000",
      "3400028014000180080001007f000001080002007f0000011c0002800500010006000000060002000050000006000300da52000008000300",
      "000001ae080008000000000008000c008c85a5a708000b0000000001080007000006977f300004802c000180050001000300000005000200",
      "0a000000050003000a00000006000400230000000600050023000000",
    ),
  );
  t.match(flow, {
    protocol: "tcp",
    state: "ESTABLISHED",
    assured: true,
    unreplied: false,
    timeoutSeconds: 431999,
    zone: 0,
    mark: 0,
    id: 0x8c85a5a7,
  });
  t.match(flow?.original, {
    source: { value: 0x7f000001n },
    destination: { value: 0x7f000001n },
    sourcePort: 55890,
    destinationPort: 8080,
  });
  t.match(flow && rewrittenDestination(flow), { ip: { family: "ipv4", value: 0x7f000001n }, port: 80 });
  t.equal(flow && rewrittenSource(flow), undefined);
});

t.test("a listener of sock_diag", async (t) => {
  const listener = parseSocketReply(
    reply(
      "0a0a0000005000000000000000000000000000000000000000000000000000000000000000000000000000001d1000000000000000000000",
      "000000000500000000000000221c3a00050008000000000005000b000000000008000f00000000000c001500010000000000000006001600",
      "12000000",
    ),
  );
  t.same(listener, { address: { family: "ipv6", value: 0n }, port: 80, inode: 3808290, takesIpv4: true });
});

t.test("a chain of nftables on a hook", async (t) => {
  const hex =
    "02000002080001006e6174000b0003004f555450555400000c000200000000000000000114000400080001000000000308000200ffffff9c0800050000000001080007006e61740008000a00000000010800060000000001";
  t.same(parseHookedChain(reply(hex)), { family: "ip", table: "nat", name: "OUTPUT", effective: true });
});
