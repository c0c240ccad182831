// Use cases: log in to a registry and out of it. What is kept where: src/registry/credential-file.ts.
import type { PlannedStep } from "../../plan/plan.ts";
import { openRegistry } from "../../registry/client.ts";
import type { Credential } from "../../registry/credential.ts";
import {
  type CredentialPlace,
  eraseCredential,
  placeOfCredential,
  readCredential,
  storeCredential,
} from "../../registry/credential-file.ts";
import { registryHost } from "../../registry/endpoint.ts";
import { readRegistrySettings } from "../../registry/settings-file.ts";
import type { Engine } from "../engine.ts";
import type { RegistryAccess } from "../registry.ts";

export interface LoginRequest extends RegistryAccess {
  /** The registry's domain, from `parseServer`. */
  readonly server: string;
  readonly username: string;
  readonly password: string;
}

export interface LoggedIn {
  /** config.json where the credential now lies for its owner to read; undefined where a helper has it or nothing changed. */
  readonly openIn: string | undefined;
}

/** Asks the registry whether it accepts the credential, then keeps it. Undefined after a dry run. Throws TsnsError denied `registry-denied`. */
export async function login(engine: Engine, request: LoginRequest): Promise<LoggedIn | undefined> {
  const { server, username, password, env } = request;
  const place = placeOfCredential(server, env);
  if (engine.show({ steps: planLogin(server, username, place) })) return undefined;
  const identityToken = await prove(request, { username, password });
  engine.timings.mark("registry answered");
  // A helper is told anew; the file is not written for what it has.
  const old = place.helper === undefined ? readCredential(server, env) : undefined;
  const credential: Credential = { username, password, identityToken };
  const isSame = old?.username === username && old.password === password && old.identityToken === identityToken;
  if (!isSame) storeCredential(server, credential, env);
  return { openIn: isSame || place.helper !== undefined ? undefined : place.path };
}

/** Who is logged in already; undefined: nobody. Identity tokens have no user name. */
export function loggedInAs(server: string, env: RegistryAccess["env"]): Credential | undefined {
  return readCredential(server, env);
}

/** Throws unless the registry accepts the credential that is kept. */
export async function proveKept(server: string, access: RegistryAccess): Promise<void> {
  const credential = readCredential(server, access.env);
  if (credential) await prove({ ...access, server }, credential);
}

async function prove({ server, env, signal }: RegistryAccess & { server: string }, credential: Credential): Promise<string | undefined> {
  using registry = openRegistry({
    domain: server,
    repository: "",
    scopes: [],
    settings: readRegistrySettings(env),
    credential,
    offline: true,
    env,
    signal,
  });
  return (await registry.ping()).identityToken;
}

/** Forgets what is kept for the registry. False after a dry run. */
export function logout(engine: Engine, server: string, env: RegistryAccess["env"]): boolean {
  const { path, server: key, helper } = placeOfCredential(server, env);
  const step: PlannedStep = {
    step: { kind: "credential.erase", server: key, path, ...(helper === undefined ? {} : { helper }) },
    because: "nobody is to enter with it from here any more",
  };
  if (engine.show({ steps: [step] })) return false;
  eraseCredential(server, env);
  return true;
}

function planLogin(server: string, username: string, { path, server: key, helper }: CredentialPlace): readonly PlannedStep[] {
  const held = helper === undefined ? {} : { helper };
  return [
    { step: { kind: "credential.check", host: registryHost(server), username }, because: "what a registry refuses is not kept" },
    { step: { kind: "credential.store", server: key, username, path, ...held }, because: "pull and push find it there, docker's as well" },
  ];
}
