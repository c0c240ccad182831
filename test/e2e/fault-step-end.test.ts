// tsns stop and rm are killed at every step; the doctor brings the host back.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { needRoot } from "../fixture/root.ts";
import { killAtEveryStep } from "./fault-step-lab.ts";

t.test("stop and rm", needRoot, (t) => killAtEveryStep(t, ["stop", "rm"]));
