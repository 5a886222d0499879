/**
 * The keys of one run for the engine: identities of this machine, loaded when the first file asks for them and once for
 * all files, and whatever wraps data keys for recipients. I/O through the host. Spec: keys §2, sops-engine §2.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import type { PassphraseSource } from "../../base/ask/passphrase.ts";
import type { LoadOptions } from "../../keys/places/identities.ts";
import type { KeyOpener, KeyWrapper, Surroundings } from "../../sops/mod.ts";

/** Where the identities of a vault are, besides the places where SOPS looks. */
export type VaultPlaces = Pick<LoadOptions, "keychain" | "files">;

/** What the engine is given from outside, keys included. */
export interface EngineSurroundings extends Surroundings {
  readonly open: KeyOpener;
  readonly wrap: KeyWrapper;
}

/**
 * @param passphrase where passphrases come from; undefined: the variables, then the terminal
 * @param places tried before those of SOPS
 */
export function createSurroundings(
  host: Host,
  passphrase?: PassphraseSource,
  places: VaultPlaces = {},
): EngineSurroundings {
  let opener: Promise<KeyOpener> | undefined;
  let wrapper: Promise<KeyWrapper> | undefined;
  return {
    random: host.randomBytes,
    now: () => host.now(),
    compileRegex: async (pattern) => await (await import("../../config/patterns/matcher.ts")).compilePattern(pattern),
    open: async (...question) => await (await (opener ??= loadOpener(host, { passphrase, ...places })))(...question),
    wrap: async (...question) => await (await (wrapper ??= loadWrapper(host)))(...question),
  };
}

async function loadOpener(host: Host, options: LoadOptions): Promise<KeyOpener> {
  const { loadIdentities } = await import("../../keys/places/identities.ts");
  const { createKeyOpener } = await import("../../keys/age/unwrap.ts");
  return createKeyOpener(await loadIdentities(host, options));
}

async function loadWrapper(host: Host): Promise<KeyWrapper> {
  const { createKeyWrapper } = await import("../../keys/age/wrap.ts");
  return createKeyWrapper(host);
}
