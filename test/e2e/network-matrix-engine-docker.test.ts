// The matrix beside docker.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { startDocker } from "../fixture/dockerd.ts";
import { needRoot } from "../fixture/root.ts";
import { askBeside, type Neighbour } from "./network-engine-lab.ts";

const neighbour: Neighbour = {
  name: "docker",
  firewall: "docker",
  start: async (t) => {
    const docker = await startDocker(t, { networks: true });
    await docker.ok(["network", "create", "--ipv6", "--subnet", "fd17:9::/64", "--subnet", "10.173.1.0/24", "theirs"]);
    return docker;
  },
  words: [],
  trace: /tsns/i,
};

t.test("beside docker", needRoot, (t) => askBeside(t, neighbour));
