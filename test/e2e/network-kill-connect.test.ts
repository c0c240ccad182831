// A container joins a network, killed at any step.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { needRoot } from "../fixture/root.ts";
import { killAtEachStep } from "./network-kill-lab.ts";

t.test("network connect", needRoot, (t) => killAtEachStep(t, "network connect"));
