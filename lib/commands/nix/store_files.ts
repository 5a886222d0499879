/**
 * The arguments of `nix store sign` and `nix store verify`: `.narinfo` files and folders of binary caches. What only Nix
 * itself can work on (a path of a store, a package, a cache on the network) is answered with the Nix command to run.
 * Spec: keys §4.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { quoteForShell } from "../../base/shell_word.ts";
import { findRealPath } from "../../base/files/read_files.ts";
import type { Host } from "../../base/host/host.ts";
import { findStorePath } from "../../nix/store_path.ts";
import { findNarInfoFiles } from "../../nix/binary_cache.ts";

/**
 * Finds the files that the arguments name.
 *
 * @param args relative to the working folder; at least one
 * @param nixCommands gives the Nix commands that do the same for what is in a store
 * @returns absolute paths
 * @throws {UserError} `usage` for what only Nix can work on; else as {@link findNarInfoFiles}
 */
export function findNamedFiles(
  host: Host,
  args: readonly string[],
  nixCommands: (installable: string) => readonly string[],
): readonly string[] {
  for (const arg of args) refuseAddress(arg);
  const files = new Set<string>();
  for (const arg of args) {
    const path = host.paths.resolve(host.cwd, arg);
    try {
      for (const file of findNarInfoFiles(host, [path])) files.add(file);
    } catch (error) {
      const found = describeInstallable(host, arg, path);
      if (!(error instanceof UserError) || found === undefined) throw error;
      throw new UserError("usage", `"${arg}" is ${found}, expected a .narinfo file or the folder of a binary cache`, {
        hints: nixCommands(arg).map((command) => `run: ${command}`),
      });
    }
  }
  return [...files];
}

/**
 * @param words behind `nix store`, quoted
 * @param installable a path of a store, or a package of a flake
 * @returns the command of nix, which works without any setting of the machine
 */
export function formatNixStore(
  words: string,
  installable: string,
  { recursive }: { readonly recursive?: boolean },
): string {
  const features = installable.includes("#") ? "'nix-command flakes'" : "nix-command";
  const option = recursive ? " --recursive" : "";
  return `nix --extra-experimental-features ${features} store ${words}${option} ${quoteForShell(installable)}`;
}

/** Nothing here goes over the network. */
function refuseAddress(arg: string): void {
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/.exec(arg) ?? [];
  if (scheme === undefined) return;
  const hint = scheme === "file" ? `pass the folder itself: ${rest}` : "copy it to a folder first, with nix copy";
  throw new UserError("usage", `"${arg}" is the address of a cache, expected a folder`, { hints: [hint] });
}

/** @returns what an argument is to Nix; undefined when it is nothing to Nix either */
function describeInstallable(host: Host, arg: string, path: string): string | undefined {
  const real = findRealPath(host, path);
  for (let inner = real ?? path; host.paths.dirname(inner) !== inner; inner = host.paths.dirname(inner)) {
    if (findStorePath(inner) !== undefined) return "a path of a Nix store";
  }
  return real === undefined && arg.includes("#") ? "a package of a flake" : undefined;
}
