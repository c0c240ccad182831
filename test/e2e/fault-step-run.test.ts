// tsns run is killed at every step; the doctor brings the host back.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { needRoot } from "../fixture/root.ts";
import { killAtEveryStep } from "./fault-step-lab.ts";

t.test("run", needRoot, (t) => killAtEveryStep(t, ["run"]));
