// From a name to its registry: settings, credentials and the client together. Every command that speaks to a registry begins here.
import type { Reference } from "../image/reference.ts";
import { type Action, openRegistry, type Registry } from "../registry/client.ts";
import { readCredential } from "../registry/credential-file.ts";
import { renderRetry } from "../registry/retry.ts";
import { readRegistrySettings } from "../registry/settings-file.ts";

export interface RegistryAccess {
  /** DOCKER_CONFIG, HOME, proxy variables, TSNS_REGISTRIES. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Said before a request is sent again. */
  readonly onRetry?: (text: string) => void;
  /** Speak http with it, and TLS without a check of the certificate, whatever the settings say. */
  readonly insecure?: boolean;
}

/** Throws TsnsError for wrong settings or a wrong config.json; the registry itself is reached by the first request. */
export async function connectRegistry(
  { domain, path }: Pick<Reference, "domain" | "path">,
  scopes: readonly Action[],
  { env, signal, onRetry, insecure }: RegistryAccess,
): Promise<Registry> {
  const settings = readRegistrySettings(env);
  return openRegistry({
    domain,
    repository: path,
    scopes,
    settings: insecure ? { ...settings, insecure: [...settings.insecure, domain] } : settings,
    credential: readCredential(domain, env),
    credentialOf: (host) => readCredential(host, env),
    env,
    signal,
    onRetry: onRetry && ((retry) => onRetry(renderRetry(retry))),
  });
}
