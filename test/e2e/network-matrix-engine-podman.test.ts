// The matrix beside podman.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { openPodman } from "../fixture/podman.ts";
import { needRoot } from "../fixture/root.ts";
import { askBeside, type Neighbour } from "./network-engine-lab.ts";

const neighbour: Neighbour = {
  name: "podman",
  firewall: "podman",
  start: openPodman,
  words: ["--cgroups", "disabled"],
  trace: /tsns/i,
};

t.test("beside podman", needRoot, (t) => askBeside(t, neighbour));
