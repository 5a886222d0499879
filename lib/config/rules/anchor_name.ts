/**
 * Names of keys that can be anchors in `.sops.yaml`. Pure. Spec: sops-config §3.
 *
 * @module
 */

/** @returns whether an anchor can be made of a name by replacing what does not fit */
export function holdsAnchorCharacter(name: string): boolean {
  return /[0-9A-Za-z]/.test(name);
}

/** @returns whether SOPS reads a name as an anchor, and people can read it */
export function isAnchorName(name: string): boolean {
  return /^[0-9A-Za-z_-]+$/.test(name) && holdsAnchorCharacter(name);
}
