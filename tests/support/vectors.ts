/**
 * Vectors of others, read where this machine has them beside the repository (`../shared/vectors`): left out visibly where
 * they are missing, mandatory where `SOPSMITH_INTEROP=required` is set.
 *
 * @module
 */

const SHARED = new URL("../../../shared/vectors/", import.meta.url);

/** Declares a test over a JSON file of vectors, by its path in the shared folder. */
export function vectorTest(name: string, path: string, body: (content: unknown) => Promise<void>): void {
  const file = new URL(path, SHARED);
  const isMissing = !isThere(file);
  const isRequired = Deno.env.get("SOPSMITH_INTEROP") === "required";
  Deno.test({
    name: isMissing ? `${name} [needs ${path}]` : name,
    ignore: isMissing && !isRequired,
    async fn() {
      await body(JSON.parse(await Deno.readTextFile(file)));
    },
  });
}

function isThere(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}
