// Which subnet and which address are chosen.
import t from "tap";
import { parseAddress, parseSubnet, renderSubnet } from "../../src/network/address.ts";
import { chooseSubnet, defaultPools, gatewayOf, nextAddress } from "../../src/network/pool.ts";

const choose = (...taken: string[]): string | undefined => {
  const subnet = chooseSubnet(defaultPools, taken.map(parseSubnet));
  return subnet && renderSubnet(subnet);
};

t.test("subnets", async (t) => {
  t.equal(choose(), "10.66.0.0/20");
  t.equal(choose("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"), "10.66.0.0/20", "default routes take nothing");
  t.equal(choose("10.66.0.0/20"), "10.66.16.0/20");
  t.equal(choose("10.66.3.7/32"), "10.66.16.0/20", "one address inside is enough");
  t.equal(choose("10.66.0.0/16"), "10.67.0.0/24");
  t.equal(choose("10.0.0.0/8"), "192.168.128.0/24", "docker's default ranges come last");
  t.equal(choose("10.0.0.0/8", "192.168.0.0/16"), "172.16.0.0/24");
  t.equal(choose("10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/15"), "172.18.0.0/24");
  t.equal(choose("10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"), undefined);
  t.equal(choose("0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"), undefined, "all of the Internet");
});

t.test("addresses", async (t) => {
  const subnet = parseSubnet("10.1.0.0/29");
  const gateway = gatewayOf(subnet);
  const at = (last: number) => parseAddress(`10.1.0.${last}`) ?? 0;
  t.equal(gateway, at(1));
  t.equal(nextAddress(subnet, gateway, new Set()), at(2));
  t.equal(nextAddress(subnet, gateway, new Set(), at(2)), at(3), "a freed address rests");
  t.equal(nextAddress(subnet, gateway, new Set(), at(6)), at(2), "around");
  t.equal(nextAddress(subnet, gateway, new Set([at(3), at(4)]), at(2)), at(5));
  t.equal(nextAddress(subnet, gateway, new Set([2, 3, 4, 5, 6].map(at)), at(4)), undefined, "full");
  t.equal(nextAddress(subnet, gateway, new Set([2, 3, 5, 6].map(at)), at(4)), at(4), "the last one left");
  t.equal(nextAddress(subnet, gateway, new Set(), parseAddress("9.9.9.9")), at(2), "a last one of another subnet");
});
