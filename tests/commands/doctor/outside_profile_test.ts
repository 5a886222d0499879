/** What protects a keys file on Windows is its folder: doctor says where that cannot be said. */
import { run } from "../../../main.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

/** A test key. */
const KEYS_FILE = "AGE-SECRET-KEY-1LES6LSFL3E2CDLULD2670D046Q8TMG4FCYL8HFTQE3KC3E5EXT4SXY2NT2\n";

async function doctorWith(name: string): Promise<string> {
  await using host = await testHost({ files: { [name]: KEYS_FILE } });
  if (Deno.build.os !== "windows") await Deno.chmod(host.path(name), 0o600); // Windows has no mode to judge
  const env = { USERPROFILE: host.home, AppData: host.path("~/.config"), SOPS_AGE_KEY_FILE: host.path(name) };
  const windows = Object.assign(host, {
    os: "windows" as const,
    env: (variable: string): string | undefined => (env as Readonly<Record<string, string>>)[variable],
  });
  assertEquals(await run(["doctor"], windows), 0);
  return host.written("stdout").replace(/\s+/g, " ");
}

Deno.test("doctor on Windows shows the access list of a keys file outside of the profile folder, and speaks of no mode", async () => {
  const outside = await doctorWith("keys.txt");
  assert(outside.includes('who can read "keys.txt" was not checked: it lies outside of your profile folder'), outside);
  assert(outside.includes("next: icacls "), outside);
  const inside = await doctorWith("~/keys.txt");
  assert(!/was not checked|icacls|chmod/.test(inside), inside);
});
