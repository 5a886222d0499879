/**
 * `deno task bundle`: the whole program as one minified file, `dist/sopsmith.js`, the form that ships.
 *
 * The browser platform is chosen because packages then bring their builds without `node:` modules, which cost tens of
 * milliseconds at start (see `docs/decisions/`).
 *
 * @module
 */
import { ROOT, runDeno } from "./process.ts";

/** Where the bundle is made, relative to the root. */
export const BUNDLE_PATH = "dist/sopsmith.js";

/** Makes the bundle. @throws Error when the bundler fails */
export async function bundle(output: string): Promise<void> {
  await runDeno(["bundle", "-q", "--platform", "browser", "--minify", "-o", output, `${ROOT}/main.ts`]);
}

if (import.meta.main) await bundle(`${ROOT}/${BUNDLE_PATH}`);
