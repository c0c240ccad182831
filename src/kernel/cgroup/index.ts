// What plans do to cgroups, as one import for the executor.
export { createCgroup, writeCgroupFile } from "./file.ts";
export { removeCgroup } from "./remove.ts";
