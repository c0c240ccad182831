// Whatever is asked of `network create`: faults are told, and pools without faults hold together. And no settings file breaks the parser.
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { ipContains, ipCovers, ipOverlaps, parseIp, requireIpSubnet, usableRange } from "../../src/network/ip.ts";
import { nextFree } from "../../src/network/pool.ts";
import { assemblePools } from "../../src/network/pool-request.ts";
import { parsePoolSettings } from "../../src/network/pool-settings.ts";
import { plainRequest, validateNetworkRequest } from "../../src/network/request.ts";
import { poolFault } from "../../src/network/subnet-choice.ts";

const small = fc.nat(20);
const subnet = fc.oneof(
  fc.tuple(small, fc.integer({ min: 20, max: 31 })).map(([part, length]) => `10.1.${part}.0/${length}`),
  fc.tuple(small, fc.integer({ min: 56, max: 127 })).map(([part, length]) => `fd00:${part.toString(16)}::/${length}`),
  fc.constantFrom("", "10.1.0.0", "10.1.0.7/24", "fd00::1/64", "banana", "0.0.0.0/0", "::/0", "fe80::/64"),
);
const address = fc.oneof(
  fc.tuple(small, fc.nat(255)).map(([part, last]) => `10.1.${part}.${last}`),
  fc.tuple(small, fc.nat(255)).map(([part, last]) => `fd00:${part.toString(16)}::${last.toString(16)}`),
  fc.constantFrom("", "x", "10.1.0.256", "fd00::%lo"),
);
const flags = fc.record({
  subnets: fc.array(subnet, { maxLength: 4 }),
  gateways: fc.array(address, { maxLength: 3 }),
  ipRanges: fc.array(subnet, { maxLength: 3 }),
  reserved: fc.dictionary(fc.constantFrom("a", "b", "toString"), address, { maxKeys: 3 }),
});

t.test("pools of flags", async () => {
  fc.assert(
    fc.property(flags, (given) => {
      const { pools, faults } = assemblePools(given);
      if (faults.length > 0) return faults.every((fault) => fault instanceof TsnsError && fault.kind === "invalid" && fault.exitCode === 1);
      const parsed = pools.map((pool) => requireIpSubnet(pool.subnet));
      const isApart = parsed.every((one, at) => parsed.slice(at + 1).every((other) => !ipOverlaps(one, other)));
      const holdsTogether = pools.every((pool, at) => {
        const whole = parsed[at];
        if (!whole) return false;
        const gateway = pool.gateway === undefined ? undefined : parseIp(pool.gateway);
        const { first, last } = usableRange(whole);
        const isGateway = !gateway || (ipContains(whole, gateway) && gateway.value >= first && gateway.value <= last);
        const isRange = pool.ipRange === undefined || ipCovers(whole, requireIpSubnet(pool.ipRange));
        const chosen = nextFree(pool, new Set());
        const isFree = chosen === undefined || (chosen !== pool.gateway && !Object.values(pool.reserved ?? {}).includes(chosen));
        return isGateway && isRange && isFree;
      });
      return isApart && holdsTogether && pools.length === given.subnets.length;
    }),
    { numRuns: 2000 },
  );
});

t.test("any words: faults, never a crash", async () => {
  const words = fc.dictionary(
    fc.oneof(fc.string(), fc.constantFrom("com.docker.network.driver.mtu", "__proto__", "toString")),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.string(), fc.string(), words, flags, fc.boolean(), (name, driver, options, given, flag) => {
      const request = { ...plainRequest(name), ...given, driver: flag ? "bridge" : driver, options, ipv6: flag, configOnly: !flag };
      return validateNetworkRequest(request).every((fault) => fault instanceof TsnsError);
    }),
  );
});

t.test("settings", async () => {
  const entry = fc.record({ base: fc.oneof(subnet, fc.string()), size: fc.oneof(fc.integer(), fc.double()) }, { requiredKeys: [] });
  const value = fc.oneof(fc.jsonValue(), fc.record({ "default-address-pools": fc.oneof(fc.array(entry), fc.jsonValue()) }));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        value.map((it) => JSON.stringify(it)),
      ),
      (text) => {
        try {
          return (parsePoolSettings(text, "file") ?? []).every((pool) => poolFault(pool) === undefined);
        } catch (error) {
          return error instanceof TsnsError && error.code === "bad-settings";
        }
      },
    ),
  );
});
