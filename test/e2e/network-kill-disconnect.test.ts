// A container leaves a network, killed at any step.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { needRoot } from "../fixture/root.ts";
import { killAtEachStep } from "./network-kill-lab.ts";

t.test("network disconnect", needRoot, (t) => killAtEachStep(t, "network disconnect"));
