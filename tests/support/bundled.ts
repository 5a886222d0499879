/**
 * The bundle for a test file: the one that the gate has just made, else a new one.
 *
 * @module
 */
import { bundle } from "../../scripts/bundle/bundle.ts";

/** Puts the bundle at a path. */
export async function putBundle(path: string): Promise<void> {
  const made = Deno.env.get("SOPSMITH_BUNDLE"); // set by the gate, which makes it from the same sources
  if (made) await Deno.copyFile(made, path);
  else await bundle(path);
}
