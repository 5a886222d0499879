/**
 * Tests with known answers that others have written and that are read beside the repository, in `../shared/vectors`: left
 * out visibly where they are missing, mandatory where `SOPSMITH_INTEROP=required` is set.
 *
 * @module
 */

const VECTORS = new URL("../../../shared/vectors/", import.meta.url);

/** Declares a test that reads a folder of vectors; it is skipped, or fails, when the folder is missing. */
export function vectorTest(name: string, folder: string, body: (folder: URL) => Promise<void>): void {
  const url = new URL(`${folder}/`, VECTORS);
  const isThere = isDirectory(url);
  const isRequired = Deno.env.get("SOPSMITH_INTEROP") === "required";
  Deno.test({
    name: isThere || isRequired ? name : `${name} [needs ../shared/vectors/${folder}]`,
    ignore: !isThere && !isRequired,
    async fn() {
      if (!isThere) throw new Error(`missing: ${url.pathname}`);
      await body(url);
    },
  });
}

function isDirectory(url: URL): boolean {
  try {
    return Deno.statSync(url).isDirectory;
  } catch {
    return false;
  }
}
