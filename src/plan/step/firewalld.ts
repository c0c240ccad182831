// Steps on firewalld, a firewall of the host that is asked by its own program. Values only.

/** Puts a link into firewalld's zone of trusted ones: what its rules would refuse is left to others. Not kept by firewalld. */
export interface FirewalldTrust {
  readonly kind: "firewalld.trust";
  readonly link: string;
}

/** Takes a link out of that zone; no error when it is not there, nor when firewalld does not run. */
export interface FirewalldForget {
  readonly kind: "firewalld.forget";
  readonly link: string;
}

export type FirewalldStep = FirewalldTrust | FirewalldForget;
