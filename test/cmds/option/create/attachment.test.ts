// What is asked of one network: docker's fields to an attachment, and what is refused, all of it at once.
import t from "tap";
import { parseAttachment } from "../../../../cmds/option/create/attachment.ts";
import { parseNetworkChoices, parsePriority } from "../../../../cmds/option/create/network-choice.ts";

const parse = (...texts: readonly string[]) => parseNetworkChoices(texts).map((choice) => parseAttachment(choice));

t.test("the long form has every member", async (t) => {
  t.same(
    parse(
      "net",
      "name=other,alias=a,alias=b,ip=10.1.0.5,ip6=FD00:0::5,mac-address=02-42-00-00-00-01,link-local-ip=fe80::5,gw-priority=-3,driver-opt=com.docker.network.endpoint.ifname=x0",
    ),
    [
      { network: "net" },
      {
        network: "other",
        aliases: ["a", "b"],
        ipv4: "10.1.0.5",
        ipv6: "fd00::5",
        linkLocal: ["fe80::5"],
        mac: "02:42:00:00:00:01",
        gatewayPriority: -3,
        options: { "com.docker.network.endpoint.ifname": "x0" },
      },
    ],
  );
  t.equal(parsePriority("+7"), 7);
});

t.test("what is wrong is named", async (t) => {
  const cases: readonly (readonly [string, string | RegExp])[] = [
    ["name=a,name", "invalid field: name"],
    ["name=a,what=b", "invalid field key what"],
    ["ip=10.0.0.1", "network name/id is not specified"],
    ["name=a,gw-priority=1.5", '"1.5" is not a whole number'],
    ["name=a,ip=fd00::1", "invalid IPv4 address: fd00::1"],
    ["name=a,ip6=10.0.0.1", "invalid IPv6 address: 10.0.0.1"],
    ["name=a,mac-address=01:00:00:00:00:00", "it is a group's"],
    ["name=a,link-local-ip=10.0.0.1", "invalid link-local IP address: 10.0.0.1"],
    ["name=a,alias=a b", 'invalid network alias "a b"'],
    ["name=a,driver-opt=x", "invalid key/value pair"],
    ["name=a,driver-opt=com.docker.network.endpoint.ifname=lo", "lo is the loopback interface"],
    ["name=bridge,ip=10.0.0.1", "user specified IP address is supported on user defined networks only"],
    ["name=bridge,alias=x", "network-scoped alias is supported only for containers in user defined networks"],
  ];
  for (const [text, message] of cases) t.throws(() => parse(text), { kind: "invalid", message: new RegExp(message) }, text);
  t.throws(() => parse("a", "b", "a"), { message: 'network "a" is specified multiple times' });
  const told: unknown[] = [];
  const choices = parseNetworkChoices(["name=a,ip=1,ip6=2,mac-address=3,link-local-ip=4"]);
  for (const choice of choices)
    parseAttachment(choice, (body, fallback) => {
      try {
        return body();
      } catch (error) {
        told.push(error);
        return fallback;
      }
    });
  t.equal(told.length, 4, "all at once");
});
