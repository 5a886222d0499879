import type { Os } from "../../../lib/base/host/host.ts";
import { pathsOf } from "../../support/paths.ts";
import { type ExpandedPath, expandPath } from "../../../lib/config/vaults/expand_path.ts";
import { assertEquals } from "../../support/assert.ts";

function expand(written: string, env: Record<string, string> = {}, os: Os = "linux"): ExpandedPath {
  const home = os === "windows" ? { USERPROFILE: "C:\\Users\\me" } : { HOME: "/home/me" };
  const variables: Record<string, string> = { ...home, ...env };
  const cwd = os === "windows" ? "C:\\repo" : "/repo/sub";
  return expandPath(written, { os, paths: pathsOf(os), cwd, env: (name) => variables[name] });
}

Deno.test("expandPath() expands the home folder and variables", () => {
  const env = { DIR: "/keys", NAME_2: "prod", EMPTY: "", REL: "rel", TILDE: "~/k" };
  const table = [
    ["/a/keys.txt", "/a/keys.txt"],
    ["keys.txt", "/repo/sub/keys.txt"],
    ["../keys.txt", "/repo/keys.txt"],
    ["~", "/home/me"],
    ["~/.config/keys.txt", "/home/me/.config/keys.txt"],
    ["$DIR/keys.txt", "/keys/keys.txt"],
    ["${DIR}/${NAME_2}.txt", "/keys/prod.txt"],
    ["$DIR/$NAME_2.txt", "/keys/prod.txt"],
    ["$DIR$EMPTY/k", "/keys/k"],
    ["$REL/k", "/repo/sub/rel/k"],
    ["$TILDE", "/home/me/k"],
    ["a/~", "/repo/sub/a/~"],
    ["/a/$", "/a/$"],
    ["/a/$.txt", "/a/$.txt"],
  ] as const;
  for (const [written, path] of table) assertEquals(expand(written, env), { path }, written);
});

Deno.test("expandPath() expands by the rules of Windows", () => {
  assertEquals(expand("~/keys.txt", {}, "windows"), { path: "C:\\Users\\me\\keys.txt" });
  assertEquals(expand("~\\keys.txt", {}, "windows"), { path: "C:\\Users\\me\\keys.txt" });
  assertEquals(expand("$D\\keys.txt", { D: "D:\\k" }, "windows"), { path: "D:\\k\\keys.txt" });
});

Deno.test("expandPath() says why there is no path", () => {
  const table = [
    ["$KEYS", {}, "the variable KEYS is not set"],
    ["$KEYS/keys.txt", {}, "the variable KEYS is not set"],
    ["${A}${B}", { A: "a" }, "the variable B is not set"],
    ["$1/x", {}, "the variable 1 is not set"],
    ["$KEYS", { KEYS: "" }, 'every variable in "$KEYS" is empty'],
    ["${KEYS", { KEYS: "k" }, '"${KEYS" names no variable'],
    ["${}/k", {}, '"${}" names no variable'],
    ["~root/keys.txt", {}, '"~root/keys.txt" is the home folder of somebody else'],
    ["~/keys.txt", { HOME: "" }, '"~" stands for HOME, which is not set'],
  ] as const;
  for (const [written, env, problem] of table) assertEquals(expand(written, env), { problem }, written);
});
