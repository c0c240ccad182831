// Steps on credentials are performed by their use cases.
import type { CredentialStep } from "../../plan/step/credential.ts";
import { type Executors, notHere } from "./executor.ts";

export const credentialExecutors: Executors<CredentialStep> = {
  "credential.check": notHere,
  "credential.store": notHere,
  "credential.erase": notHere,
};
