// The matrix beside containers of another data root.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { askBeside, type Neighbour } from "./network-engine-lab.ts";

const neighbour: Neighbour = {
  name: "another tsns",
  firewall: "none",
  start: async (t) => {
    const root = makeRoot(t);
    return { directory: root.path, ok: (args) => root.ok(args) };
  },
  words: [],
  trace: /10\.171\.|fd17:/,
};

t.test("beside another tsns", needRoot, (t) => askBeside(t, neighbour));
