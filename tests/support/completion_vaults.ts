/**
 * Vaults whose names are hard to complete, for the tests of completion.
 *
 * @module
 */

/** An `atmos.yaml`. */
export const COMPLETION_VAULTS = `secrets:
  providers:
    prod-sops: {kind: sops/age}
    "prod:db": {kind: sops/age}
    my vault: {kind: sops/age}
    "it's $HOME": {kind: sops/age}
`;
