// Steps on who one is at registries. Passwords are never in a plan: it may be printed.

/** The registry is asked whether it accepts the user's password; done by its use case. */
export interface CredentialCheck {
  readonly kind: "credential.check";
  /** HOST[:PORT] */
  readonly host: string;
  readonly username: string;
}

/** docker's config.json, or the helper it names, keeps the credential; done by its use case. */
export interface CredentialStore {
  readonly kind: "credential.store";
  /** What the registry is called there. */
  readonly server: string;
  readonly username: string;
  /** config.json */
  readonly path: string;
  /** docker-credential-HELPER */
  readonly helper?: string;
}

export interface CredentialErase {
  readonly kind: "credential.erase";
  readonly server: string;
  readonly path: string;
  readonly helper?: string;
}

export type CredentialStep = CredentialCheck | CredentialStore | CredentialErase;
