import type { Os } from "../../../lib/base/host/host.ts";
import { pathsOf } from "../../support/paths.ts";
import {
  defaultKeysFile,
  findUserConfigDir,
  KEYS_SOURCES,
  type KeysEnvironment,
  keysPlaces,
  type KeysSource,
} from "../../../lib/keys/places/keys_path.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { TEST_X25519 } from "../test_keys.ts";

type Variables = Readonly<Record<string, string>>;

function machine(os: Os, variables: Variables): KeysEnvironment {
  return { os, paths: pathsOf(os), env: (name) => variables[name] };
}

/** The whole table of the default place: path, or the problem. */
const CONFIG_TABLE: readonly (readonly [os: Os, variables: Variables, expected: string | RegExp])[] = [
  ["linux", { HOME: "/home/ann" }, "/home/ann/.config/sops/age/keys.txt"],
  ["linux", { HOME: "/home/ann", XDG_CONFIG_HOME: "" }, "/home/ann/.config/sops/age/keys.txt"],
  ["linux", { HOME: "/home/ann", XDG_CONFIG_HOME: "/cfg" }, "/cfg/sops/age/keys.txt"],
  ["linux", { XDG_CONFIG_HOME: "/cfg" }, "/cfg/sops/age/keys.txt"],
  ["linux", { HOME: "/home/ann", XDG_CONFIG_HOME: "cfg" }, /\$XDG_CONFIG_HOME is a relative path/],
  ["linux", {}, /neither \$XDG_CONFIG_HOME nor \$HOME is set/],
  ["linux", { HOME: "" }, /neither \$XDG_CONFIG_HOME nor \$HOME is set/],
  ["linux", { AppData: "C:\\x" }, /neither \$XDG_CONFIG_HOME nor \$HOME is set/],
  ["darwin", { HOME: "/Users/ann" }, "/Users/ann/Library/Application Support/sops/age/keys.txt"],
  ["darwin", { HOME: "/Users/ann", XDG_CONFIG_HOME: "" }, "/Users/ann/Library/Application Support/sops/age/keys.txt"],
  ["darwin", { HOME: "/Users/ann", XDG_CONFIG_HOME: "/cfg" }, "/cfg/sops/age/keys.txt"],
  ["darwin", { HOME: "/Users/ann", XDG_CONFIG_HOME: "cfg" }, "cfg/sops/age/keys.txt"],
  ["darwin", { XDG_CONFIG_HOME: "/cfg" }, "/cfg/sops/age/keys.txt"],
  ["darwin", {}, /\$HOME is not set/],
  [
    "windows",
    { AppData: "C:\\Users\\ann\\AppData\\Roaming" },
    "C:\\Users\\ann\\AppData\\Roaming\\sops\\age\\keys.txt",
  ],
  [
    "windows",
    { AppData: "C:\\Users\\ann\\AppData\\Roaming", XDG_CONFIG_HOME: "C:\\cfg", HOME: "C:\\home" },
    "C:\\Users\\ann\\AppData\\Roaming\\sops\\age\\keys.txt",
  ],
  ["windows", { HOME: "C:\\home", USERPROFILE: "C:\\Users\\ann" }, /%AppData% is not set/],
  ["windows", { AppData: "" }, /%AppData% is not set/],
];

for (const [os, variables, expected] of CONFIG_TABLE) {
  const given = `${os} with ${JSON.stringify(variables)}`;
  Deno.test(`defaultKeysFile() on ${given}`, () => {
    const environment = machine(os, variables);
    const config = findUserConfigDir(environment);
    const place = keysPlaces(environment).at(-1);
    if (typeof expected === "string") {
      const file = defaultKeysFile(environment);
      assertEquals([file.source, file.path], ["user-config", expected]);
      assertEquals(place, { source: "user-config", kind: "file", path: expected, reason: file.reason });
      assert("path" in config);
    } else {
      const error = assertUserError(assertThrows(() => defaultKeysFile(environment)), "not-found", expected);
      assertEquals(error.hints.length, 1);
      assertEquals([place?.source, place?.kind], ["user-config", "none"]);
      assert("problem" in config && expected.test(config.problem));
    }
  });
}

for (const os of ["linux", "darwin", "windows"] as const) {
  Deno.test(`defaultKeysFile() on ${os} takes SOPS_AGE_KEY_FILE first, as it is`, () => {
    for (const path of ["/keys/k.txt", "k.txt", "~user/k.txt"]) {
      const file = defaultKeysFile(machine(os, { SOPS_AGE_KEY_FILE: path }));
      assertEquals([file.source, file.path], ["SOPS_AGE_KEY_FILE", path]);
    }
  });

  Deno.test(`keysPlaces() on ${os} lists every place in the order of SOPS`, () => {
    assertEquals(keysPlaces(machine(os, {})).map(({ source }) => source), [...KEYS_SOURCES]);
  });

  Deno.test(`keysPlaces() on ${os} has nothing to try on an empty machine, and says why`, () => {
    for (const place of keysPlaces(machine(os, {}))) {
      assertEquals(place.kind, "none");
      assert(place.reason.includes("set"), place.reason);
    }
  });
}

Deno.test("defaultKeysFile() passes over an empty SOPS_AGE_KEY_FILE", () => {
  const environment = machine("linux", { SOPS_AGE_KEY_FILE: "", HOME: "/home/ann" });
  assertEquals(defaultKeysFile(environment).source, "user-config");
  const place = keysPlaces(environment).find(({ source }) => source === "SOPS_AGE_KEY_FILE");
  assertEquals(place, { source: "SOPS_AGE_KEY_FILE", kind: "none", reason: "set, but empty" });
});

Deno.test("keysPlaces() shows what each variable holds", () => {
  const environment = machine("linux", {
    HOME: "/home/ann",
    SOPS_AGE_SSH_PRIVATE_KEY_FILE: "ssh/key",
    SOPS_AGE_SSH_PRIVATE_KEY_CMD: "pass show ssh",
    SOPS_AGE_KEY: TEST_X25519.identity,
    SOPS_AGE_KEY_FILE: "/keys.txt",
    SOPS_AGE_KEY_CMD: "pass show age",
  });
  const shown = keysPlaces(environment).map((place): [KeysSource, string] => {
    switch (place.kind) {
      case "file":
        return [place.source, place.path];
      case "command":
        return [place.source, place.command];
      case "text":
        return [place.source, place.text.revealText()];
      case "none":
        return [place.source, place.reason];
    }
  });
  assertEquals(shown, [
    ["SOPS_AGE_SSH_PRIVATE_KEY_FILE", "ssh/key"],
    ["SOPS_AGE_SSH_PRIVATE_KEY_CMD", "pass show ssh"],
    ["~/.ssh/id_ed25519", "/home/ann/.ssh/id_ed25519"],
    ["~/.ssh/id_rsa", "/home/ann/.ssh/id_rsa"],
    ["SOPS_AGE_KEY", TEST_X25519.identity],
    ["SOPS_AGE_KEY_FILE", "/keys.txt"],
    ["SOPS_AGE_KEY_CMD", "pass show age"],
    ["user-config", "/home/ann/.config/sops/age/keys.txt"],
  ]);
  assert(!JSON.stringify(keysPlaces(environment)).includes(TEST_X25519.identity));
});

Deno.test("keysPlaces() finds ssh keys below %USERPROFILE% on Windows", () => {
  const places = keysPlaces(machine("windows", { USERPROFILE: "C:\\Users\\ann", HOME: "C:\\other" }));
  const paths = places.flatMap((place) => place.kind === "file" ? [place.path] : []);
  assertEquals(paths, ["C:\\Users\\ann\\.ssh\\id_ed25519", "C:\\Users\\ann\\.ssh\\id_rsa"]);
});
