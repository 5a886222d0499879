import { POSIX_PATHS } from "../../../lib/base/host/posix_paths.ts";
import { planIgnoreLine } from "../../../lib/repository/scan/ignore_file.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

function plan(before: string | undefined, path: string): string {
  const bytes = before === undefined ? undefined : new TextEncoder().encode(before);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(planIgnoreLine(bytes, path, POSIX_PATHS).after);
}

Deno.test("planIgnoreLine() adds a line and keeps every byte before it", () => {
  assertEquals(plan(undefined, "keys.txt"), "/keys.txt\n");
  assertEquals(plan("", "a/keys.txt"), "/a/keys.txt\n");
  assertEquals(plan("dist\n", "keys.txt"), "dist\n/keys.txt\n");
  assertEquals(plan("dist", "keys.txt"), "dist\n/keys.txt\n");
  assertEquals(plan("dist\r\n", "keys.txt"), "dist\r\n/keys.txt\r\n");
  assertEquals(plan("\ufeffdist\n", "keys.txt"), "\ufeffdist\n/keys.txt\n");
});

Deno.test("planIgnoreLine() refuses a file outside of the folder", () => {
  assertThrows(() => plan("", "../keys.txt"), /outside of the folder/);
  assertThrows(() => plan("", "/keys.txt"), /outside of the folder/);
});

Deno.test("planIgnoreLine() writes lines that git takes for exactly that file", async () => {
  for (const name of ["keys.txt", "a b.txt", "end ", "star*.txt", "what?.txt", "[x].txt", "back\\slash", "#h", "!n"]) {
    await using host = await testHost({ files: { [name]: "", [`${name.replace(/[*?\\]/g, "x")}2`]: "" } });
    await host.run("git", ["init", "-q"]);
    const { after } = planIgnoreLine(undefined, name, POSIX_PATHS);
    await Deno.writeFile(host.path(".gitignore"), after);
    const result = await host.run("git", ["-c", "core.quotePath=false", "status", "--porcelain", "-z", "-uall"]);
    const seen = new TextDecoder().decode(result?.stdout).split("\0").map((entry) => entry.slice(3));
    assertEquals(seen.includes(name), false, `"${name}" is not ignored`);
    assertEquals(seen.filter((path) => path !== "").length, 2, `more than "${name}" is ignored`);
  }
});
