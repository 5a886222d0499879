import { assert, assertEquals } from "../../support/assert.ts";
import { type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";
import { encryptForTest } from "../../support/encrypted_file.ts";
import { run } from "../../../main.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../../keys/test_keys.ts";

const KEYS_FILE = "~/.config/sops/age/keys.txt";
const OWN = await encryptForTest(TEST_X25519.recipient);
const OTHERS = await encryptForTest(TEST_X25519_OTHER.recipient);

/** The machine has no sops. */
function machine(options: TestHostOptions): Promise<TestHost> {
  return testHost({ ...options, commands: { sops: () => undefined, ...options.commands } });
}

async function lineOf(host: TestHost, args: readonly string[], head: string): Promise<string | undefined> {
  const before = host.written("stdout").length;
  await run(["doctor", ...args], host);
  return host.written("stdout").slice(before).split("\n").find((line) => line.startsWith(head));
}

Deno.test("doctor ends with 4 when a named file, or every file, is closed", async () => {
  await using host = await machine({
    files: { ".sops.yaml": "creation_rules: []\n", "a.yaml": OWN, "b.yaml": OTHERS, [KEYS_FILE]: TEST_X25519.identity },
  });
  await Deno.chmod(host.path(KEYS_FILE), 0o600);
  assertEquals(await run(["doctor", "a.yaml"], host), 0);
  assertEquals(await run(["doctor", "a.yaml", "b.yaml"], host), 4);
  assertEquals(await run(["doctor"], host), 0);
  await Deno.remove(host.path("a.yaml"));
  assertEquals(await run(["doctor"], host), 4);
  await Deno.remove(host.path("b.yaml"));
  assertEquals(await run(["doctor"], host), 0);
});

Deno.test("doctor ends with 1 for a problem of the machine in a repository, and for a file that is not encrypted", async () => {
  await using host = await machine({
    files: {
      ".sops.yaml": "creation_rules: []\n",
      "a.yaml": OWN,
      "plain.yaml": "a: b\n",
      [KEYS_FILE]: TEST_X25519.identity,
    },
    env: { SOPS_AGE_KEY: "/nowhere/keys.txt" },
  });
  await Deno.chmod(host.path(KEYS_FILE), 0o600);
  assertEquals(await run(["doctor"], host), 1);
  assertEquals(await run(["doctor", "a.yaml"], host), 0);
  assertEquals(await run(["doctor", "plain.yaml"], host), 1);
});

Deno.test("doctor ends with 5 for a file that is not what was encrypted, and with 1 for one that is malformed", async () => {
  await using host = await machine({
    files: {
      "good.yaml": OWN,
      "tampered.yaml": OWN.replace(/^a: .*/, "a: hunter2"),
      "version.yaml": OWN.replace("version: 3", "version: x"),
      "others.yaml": OTHERS,
      [KEYS_FILE]: TEST_X25519.identity,
      ".git/HEAD": "",
    },
  });
  await Deno.chmod(host.path(KEYS_FILE), 0o600);
  assertEquals(await run(["doctor", "good.yaml"], host), 0);
  assertEquals(await run(["doctor", "version.yaml"], host), 1);
  assertEquals(await run(["doctor", "version.yaml", "others.yaml"], host), 4);
  assertEquals(await run(["doctor", "tampered.yaml", "others.yaml", "version.yaml"], host), 5);
  assertEquals(await run(["doctor", "."], host), 5);
  assertEquals(await run(["doctor"], host), 5);
  assert(!host.written("stdout").includes("hunter2"));
});

Deno.test("doctor opens no file of a repository that has more than a thousand, but those of a folder", async () => {
  await using host = await machine({
    files: { "few/0.yaml": OWN, [KEYS_FILE]: TEST_X25519.identity, ".git/HEAD": "" },
  });
  await Deno.chmod(host.path(KEYS_FILE), 0o600);
  const unchecked = "  values were not checked: name a file or a folder to check them";
  assertEquals(await lineOf(host, [], unchecked), undefined);
  for (let i = 0; i < 1000; i++) await Deno.writeTextFile(host.path(`${i}.yaml`), OWN);
  assertEquals(await lineOf(host, [], unchecked), unchecked);
  assertEquals(await lineOf(host, [], "nothing"), "nothing is wrong with what was checked");
  assertEquals(await lineOf(host, ["few"], "nothing"), "nothing is wrong here");
});

Deno.test("doctor says what keeps it from reading a file", async () => {
  await using host = await machine({
    files: { "big.yaml": "", "a.yaml": OWN },
    beforeFileOperation(operation, path) {
      if (operation === "read" && /[\\/]a\.yaml$/.test(path)) {
        throw Object.assign(new Deno.errors.PermissionDenied("denied"), { code: "EACCES" });
      }
    },
  });
  await Deno.truncate(host.path("big.yaml"), 256 * 1024 * 1024 + 1);
  assertEquals(await run(["doctor", "big.yaml"], host), 1);
  assertEquals(await run(["doctor", "a.yaml"], host), 1);
  assertEquals(await run(["doctor", "none.yaml"], host), 1);
  assert(host.written("stderr").includes("larger than 256 MiB"));
  assert(host.written("stderr").includes(`cannot read "a.yaml": permission denied`));
  assert(host.written("stderr").includes(`cannot read "none.yaml": no such file`));
});

Deno.test("doctor goes on when a keys file cannot be read", async () => {
  await using host = await machine({
    files: { "a.yaml": OWN, [KEYS_FILE]: TEST_X25519.identity },
    beforeFileOperation(operation, path) {
      if (operation === "read" && path.endsWith("keys.txt")) {
        throw Object.assign(new Deno.errors.PermissionDenied("denied"), { code: "EACCES" });
      }
    },
  });
  assertEquals(
    await lineOf(host, ["a.yaml"], "problem: "),
    `problem: SOPS drops all of "${KEYS_FILE}": permission denied`,
  );
});

Deno.test("doctor asks sops for its version without letting it ask a server", async () => {
  const asked: unknown[] = [];
  await using host = await machine({
    files: { "a.yaml": OWN },
    commands: {
      sops: (args, { env }) => {
        asked.push(args, env);
        return { code: 0, stdout: new TextEncoder().encode("sops 3.6.1 (latest)\n"), stderr: new Uint8Array() };
      },
    },
  });
  assertEquals(
    await lineOf(host, ["a.yaml"], "problem: "),
    `problem: sops 3.6.1 cannot read "a.yaml": it needs 3.7.0 for age`,
  );
  assertEquals(asked, [["--version"], { SOPS_DISABLE_VERSION_CHECK: "true" }]);
});

Deno.test("doctor prints no secret, whatever it is given", async () => {
  const { identity } = TEST_X25519_OTHER;
  const places: readonly TestHostOptions[] = [
    { env: { SOPS_AGE_KEY: identity } },
    { env: { SOPS_AGE_KEY_FILE: identity } },
    { env: { SOPS_AGE_KEY_FILE: ` ${identity}` } },
    { env: { SOPS_AGE_KEY: `${identity} # mine` } },
    { env: { SOPS_AGE_KEY: identity.toLowerCase() } },
    { env: { SOPS_AGE_KEY: "hunter2-hunter2" } },
    { env: { SOPS_AGE_KEY: "-----BEGIN OPENSSH PRIVATE KEY-----hunter2" } },
    { env: { SOPS_AGE_KEY_FILE: "/nowhere" }, files: { [KEYS_FILE]: `hunter2\n${identity}\n` } },
    {
      env: { SOPS_AGE_KEY_CMD: `echo ${identity} hunter2` },
      commands: {
        echo: () => ({
          code: 9,
          stdout: new TextEncoder().encode("hunter2"),
          stderr: new TextEncoder().encode("hunter2"),
        }),
      },
    },
    { files: { ".sops.yaml": `creation_rules:\n  - age: ${identity}\n` } },
  ];
  for (const options of places) {
    // The identity may stand in the arguments of a command that the person has set up so.
    await using host = await machine({ ...options, files: { "a.yaml": OWN, ...options.files } });
    for (const args of [["a.yaml"], [], ["--json", "a.yaml"]]) {
      try {
        await run(["doctor", ...args], host);
      } catch (error) {
        assert(String(error).includes("an identity stands in the arguments"));
      }
    }
    const shown = host.written("stdout") + host.written("stderr");
    assert(!shown.includes("hunter2"), shown);
    assert(!/AGE-SECRET-KEY-1[0-9A-Z]{9}/i.test(shown), shown);
  }
});

Deno.test("doctor names the next step in the words of the shell of Windows", async () => {
  await using host = await machine({
    os: "windows",
    files: { "a.yaml": OWN },
    env: { MSYSTEM: undefined, USERPROFILE: "/nowhere", AppData: "/nowhere", SOPS_AGE_KEY: "C:\\keys.txt" },
  });
  assertEquals(await lineOf(host, [], "next: "), "next: Remove-Item env:SOPS_AGE_KEY");
});

Deno.test("doctor tells what it could not look into", async () => {
  await using host = await machine({
    files: { ".sops.yaml": "creation_rules: []\n", "a.yaml": OWN, "closed/b.yaml": OWN },
    beforeFileOperation(operation, path) {
      if (operation === "list" && /[\\/]closed$/.test(path)) {
        throw Object.assign(new Deno.errors.PermissionDenied("denied"), { code: "EACCES" });
      }
    },
  });
  assertEquals(await lineOf(host, [], "warning: "), `warning: cannot read "closed": permission denied`);
});
