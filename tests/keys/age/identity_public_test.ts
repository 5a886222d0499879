import type { ErrorKind } from "../../../lib/base/error.ts";
import { MAX_KEYS_FILE_BYTES } from "../../../lib/base/files/read_files.ts";
import { Report } from "../../../lib/base/show/report.ts";
import { identityPublic } from "../../../lib/commands/identity/public.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { CONFIG_FOLDER_OS, type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";
import { TEST_HYBRID, TEST_PLUGIN, TEST_X25519, TEST_X25519_OTHER } from "../test_keys.ts";

const KEYS = `# created: today\n${TEST_X25519.identity}\n\n${TEST_X25519_OTHER.identity}\n`;
const RECIPIENTS = `${TEST_X25519.recipient}\n${TEST_X25519_OTHER.recipient}\n`;
const DEFAULT_PATH = "~/.config/sops/age/keys.txt";

/** Runs the command on a fresh Linux host; the host's folder is gone afterwards. */
async function run(
  args: readonly string[],
  options: TestHostOptions,
  format: "text" | "json" = "text",
): Promise<{ stdout: string; stderr: string; host: TestHost }> {
  await using host = await testHost({ os: CONFIG_FOLDER_OS, ...options });
  assertEquals(await identityPublic({}, args, { host, report: new Report(host, format) }), 0);
  return { stdout: host.written("stdout"), stderr: host.written("stderr"), host };
}

Deno.test("identityPublic() prints the recipients of a file in its order", async () => {
  const { stdout, stderr } = await run(["keys.txt"], { files: { "keys.txt": KEYS } });
  assertEquals([stdout, stderr], [RECIPIENTS, ""]);
});

Deno.test("identityPublic() prints a hybrid recipient in one line", async () => {
  const { stdout } = await run(["k"], { files: { k: TEST_HYBRID.identity } });
  assertEquals(stdout.length, 1960);
  assert(stdout.startsWith(TEST_HYBRID.recipientStart));
});

Deno.test("identityPublic() reads standard input", async () => {
  const { stdout } = await run(["-"], { stdin: KEYS });
  assertEquals(stdout, RECIPIENTS);
});

Deno.test("identityPublic() reads the default keys file, and says which", async () => {
  const { stdout, stderr } = await run([], { files: { [DEFAULT_PATH]: KEYS }, stdin: TEST_PLUGIN.identity });
  assertEquals([stdout, stderr], [RECIPIENTS, "note: read ~/.config/sops/age/keys.txt\n"]);
});

Deno.test("identityPublic() reads the file that SOPS_AGE_KEY_FILE names", async () => {
  const { stdout } = await run([], { files: { "k.txt": KEYS }, env: { SOPS_AGE_KEY_FILE: "k.txt" } });
  assertEquals(stdout, RECIPIENTS);
});

Deno.test("identityPublic() prints JSON with lines and kinds", async () => {
  const { stdout, host } = await run(["keys.txt"], { files: { "keys.txt": KEYS } }, "json");
  assertEquals(JSON.parse(stdout), {
    path: host.path("keys.txt"),
    recipients: [
      { recipient: TEST_X25519.recipient, kind: "x25519", line: 2 },
      { recipient: TEST_X25519_OTHER.recipient, kind: "x25519", line: 4 },
    ],
  });
});

const REFUSED: Readonly<
  Record<string, readonly [args: string[], options: TestHostOptions, kind: ErrorKind, message: RegExp]>
> = {
  "an absent file": [["none.txt"], {}, "not-found", /cannot read the keys file ".*none\.txt": no such file/],
  "an absent default file": [[], {}, "not-found", /keys\.txt": no such file/],
  "a machine without a home": [
    [],
    { env: { HOME: undefined, APPDATA: undefined } },
    "not-found",
    /neither \$XDG_CONFIG_HOME nor \$HOME|%AppData% is not/,
  ],
  "an empty file": [["k"], { files: { k: "# none\n" } }, "not-found", /holds no identity/],
  "an empty default file": [[], { files: { [DEFAULT_PATH]: "" } }, "not-found", /holds no identity/],
  "empty standard input": [["-"], {}, "not-found", /"standard input" holds no identity/],
  "a bad line after a good one": [["k"], { files: { k: `${KEYS}oops\n` } }, "malformed", /line 5 is no age identity/],
  "a bad line on standard input": [["-"], { stdin: "oops" }, "malformed", /"standard input": line 1 is/],
  "a protected file that nobody opens": [
    ["k"],
    { files: { k: "age-encryption.org/v1\n" } },
    "usage",
    /the passphrase of "k"/,
  ],
  "a plugin identity": [["k"], { files: { k: `${KEYS}${TEST_PLUGIN.identity}\n` } }, "unsupported", /line 5 of/],
  "a file that is too large": [
    ["k"],
    { files: { k: "#".repeat(MAX_KEYS_FILE_BYTES + 1) } },
    "malformed",
    /larger than 1 MiB/,
  ],
  "standard input that is too large": [
    ["-"],
    { stdin: "#".repeat(MAX_KEYS_FILE_BYTES + 1) },
    "malformed",
    /standard input: larger than 1 MiB/,
  ],
  "a folder": [["d"], { files: { "d/x": "" } }, "io", /folder/],
};

for (const [what, [args, options, kind, message]] of Object.entries(REFUSED)) {
  Deno.test(`identityPublic() refuses ${what} and prints nothing`, async () => {
    await using host = await testHost({ os: CONFIG_FOLDER_OS, ...options });
    const error = await assertRejects(() => identityPublic({}, args, { host, report: new Report(host) }));
    assertUserError(error, kind, message);
    assertEquals(host.written("stdout"), "");
    assert(!host.written("stderr").includes("AGE-"));
  });
}
