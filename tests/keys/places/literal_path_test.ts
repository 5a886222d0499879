import { findLiteralMistake } from "../../../lib/keys/places/literal_path.ts";
import { assertEquals } from "../../support/assert.ts";
import { pathsOf } from "../../support/paths.ts";
import type { Os } from "../../../lib/base/host/host.ts";

const ENV: Readonly<Record<string, string>> = { HOME: "/home/me", USERPROFILE: "C:\\Users\\me", APPDATA: "C:\\Data" };

function meant(value: string, os: Os = "linux"): string | undefined {
  return findLiteralMistake({ os, paths: pathsOf(os), env: (name) => ENV[name] }, value, "VARIABLE")?.meant;
}

Deno.test("findLiteralMistake() finds the path that was meant", () => {
  assertEquals(meant("~/keys.txt"), "/home/me/keys.txt");
  assertEquals(meant("$HOME/keys.txt"), "/home/me/keys.txt");
  assertEquals(meant("${HOME}/keys.txt"), "/home/me/keys.txt");
  assertEquals(meant('"~/keys.txt"'), "/home/me/keys.txt");
  assertEquals(meant("'/a b'"), "/a b");
  assertEquals(meant("file:///a%20b/k.txt"), "/a b/k.txt");
  assertEquals(meant("file://localhost/k.txt"), "/k.txt");
  assertEquals(meant("file:/k.txt"), "/k.txt");
  assertEquals(meant("file:///C:/k.txt", "windows"), "C:\\k.txt");
  assertEquals(meant("%APPDATA%\\k.txt", "windows"), "C:\\Data\\k.txt");
  assertEquals(meant("~\\k.txt", "windows"), "C:\\Users\\me\\k.txt");
});

Deno.test("findLiteralMistake() knows no path where a variable has no value", () => {
  const found = findLiteralMistake(
    { os: "linux", paths: pathsOf("linux"), env: () => undefined },
    "$NOPE/k",
    "VARIABLE",
  );
  assertEquals(found, { reason: "SOPS does not expand the $NOPE in VARIABLE", meant: undefined });
});

Deno.test("findLiteralMistake() leaves alone what is a path as it stands", () => {
  for (const value of ["/a/b", "a/~/b", "~user", "./~", "/a$/b", "/100%/x", 'a"b', "files/x", "C:\\x"]) {
    const environment = { os: "linux", paths: pathsOf("linux"), env: () => undefined } as const;
    assertEquals(findLiteralMistake(environment, value, "V"), undefined, value);
  }
});
