/**
 * Tests that need a program of someone else (sops, age, git, a shell): left out visibly where it is missing, mandatory
 * where `SOPSMITH_INTEROP=required` is set, as the gate of a release does, but for the programs that
 * `SOPSMITH_INTEROP_WITHOUT` names, with commas.
 *
 * @module
 */

/** Declares a test that runs the named programs; it is skipped, or fails, when one of them is missing. */
export function peerTest(name: string, peers: readonly string[], body: (t: Deno.TestContext) => Promise<void>): void {
  const excused = (Deno.env.get("SOPSMITH_INTEROP_WITHOUT") ?? "").split(",");
  const missing = peers.filter((peer) => excused.includes(peer) || !isOnPath(peer));
  const isRequired = Deno.env.get("SOPSMITH_INTEROP") === "required" && !missing.some((peer) => excused.includes(peer));
  Deno.test({
    name: missing.length === 0 || isRequired ? name : `${name} [needs ${missing.join(", ")}]`,
    ignore: missing.length > 0 && !isRequired,
    async fn(t) {
      if (missing.length > 0) throw new Error(`missing: ${missing.join(", ")}`);
      await body(t);
    },
  });
}

/** @returns whether the machine has the program */
export function isOnPath(program: string): boolean {
  const [separator, endings] = Deno.build.os === "windows" ? [";", [".exe", ".cmd"]] : [":", [""]];
  const folders = (Deno.env.get("PATH") ?? "").split(separator);
  return folders.some((folder) =>
    endings.some((ending) => {
      try {
        return Deno.statSync(`${folder}/${program}${ending}`).isFile;
      } catch {
        return false;
      }
    })
  );
}
