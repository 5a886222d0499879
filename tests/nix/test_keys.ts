/**
 * The test keys of `tests/vectors/nix`, and its narinfo files.
 *
 * @module
 */

/** The folder of the vectors. */
export const NIX_VECTORS = `${import.meta.dirname}/../vectors/nix`;

/** A pair of test keys in text form. */
export interface NixTestKey {
  readonly secret: string;
  readonly public: string;
}

/** The test keys that signed the vectors, made by nix. */
export const NIX_TEST_KEYS: { readonly a: NixTestKey; readonly b: NixTestKey } = JSON.parse(
  Deno.readTextFileSync(`${NIX_VECTORS}/test_keys.json`),
);

/** The narinfo files of the vectors, by file name. */
export const NIX_NARINFOS: ReadonlyMap<string, string> = new Map(
  Array.from(Deno.readDirSync(`${NIX_VECTORS}/cache`), ({ name }) => name)
    .filter((name) => name.endsWith(".narinfo"))
    .sort()
    .map((name) => [name, Deno.readTextFileSync(`${NIX_VECTORS}/cache/${name}`)]),
);

/** @returns the vector about the one store path of this name that has no content address */
export function narInfoOf(name: "plain" | "linked"): string {
  const found = [...NIX_NARINFOS.values()].find((text) => text.includes(`-${name}\nURL`) && !text.includes("\nCA: "));
  if (found === undefined) throw new Error(`no vector "${name}"`);
  return found;
}

/** @returns the narinfo without its Sig lines */
export function withoutSignatures(text: string): string {
  return text.replace(/^Sig: .*\n/gm, "");
}
