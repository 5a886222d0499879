/**
 * Nix keys as they are printed and as `nix.conf` holds them. Spec: keys §4.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import type { Report } from "../../base/show/report.ts";
import { formatPublicKey, type PublicKey } from "../../nix/key.ts";

/** Characters that end a path in a list of `nix.conf`. */
const ENDS_A_PATH = /[\s#]/;

/**
 * Prints a key on stdout as Nix does, without a newline; on a terminal with one, so that the prompt has a line of its own.
 * Does nothing with `--json`.
 */
export function printKey({ stdout }: Host, report: Report, key: string): void {
  if (report.format === "text") stdout.write(stdout.isTerminal ? `${key}\n` : key);
}

/** @returns whether `nix.conf` can name the file */
export function fitsNixConf(path: string): boolean {
  return !ENDS_A_PATH.test(path);
}

/**
 * @param path absolute path of the secret key, which {@link fitsNixConf}
 * @returns the lines of `nix.conf` that sign with the key, and that trust it besides the keys that are trusted already
 */
export function formatNixConf(path: string, publicKey: PublicKey): string[] {
  return [`secret-key-files = ${path}`, `extra-trusted-public-keys = ${formatPublicKey(publicKey)}`];
}
