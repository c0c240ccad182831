// From a name to its registry: settings, credentials and the client together. Every command that speaks to a registry begins here.
import type { Reference } from "../../image/reference.ts";
import { type Action, openRegistry, type Registry } from "../../registry/client.ts";
import { defaultSettings } from "../../registry/settings.ts";

export interface RegistryAccess {
  /** DOCKER_CONFIG, HOME, proxy variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly onRetry?: (text: string) => void;
  /** Speak http with it, and TLS without a check of the certificate. */
  readonly insecure?: boolean;
}

export async function connectRegistry({ domain, path }: Reference, scopes: readonly Action[], access: RegistryAccess): Promise<Registry> {
  return openRegistry({
    domain,
    repository: path,
    scopes,
    settings: access.insecure ? { ...defaultSettings, insecure: [...defaultSettings.insecure, domain] } : defaultSettings,
    env: access.env,
    signal: access.signal,
  });
}
