/**
 * The keychains of the three systems by what their commands are given and answer. The Linux one meets a real keyring in
 * `tests/interop/keychain_test.ts`; for macOS and Windows the exact input is compared.
 *
 * @module
 */
import type { CommandOptions, CommandResult, Os } from "../../../lib/base/host/host.ts";
import { Secret } from "../../../lib/base/secret.ts";
import { addKeychainIdentity, openKeychain, readKeychainIdentities } from "../../../lib/keys/keychain/keychain.ts";
import type { KeychainEntry } from "../../../lib/keys/keychain/entry.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { type FakeCommand, type TestHost, testHost } from "../../support/test_host.ts";
import { TEST_HYBRID, TEST_X25519, TEST_X25519_OTHER } from "../test_keys.ts";

const ENTRY: KeychainEntry = { service: "atmos/prod/age-key/prod", account: "atmos-secrets" };
const IDENTITY = new Secret(TEST_X25519.identity);
const OTHER = new Secret(TEST_X25519_OTHER.identity);

/** The value of an entry with these two. */
const BOTH = `"${TEST_X25519.identity}\\n${TEST_X25519_OTHER.identity}"`;

const COMMANDS: Readonly<Record<Os, string>> = {
  linux: "secret-tool",
  darwin: "/usr/bin/security",
  windows: "powershell.exe",
};

/** What a command was given. */
interface Call {
  readonly args: readonly string[];
  readonly stdin: string | undefined;
}

/** A host of the system whose keychain command is this one; it notes every call. */
async function hostWith(os: Os, command: FakeCommand): Promise<{ host: TestHost; calls: Call[] }> {
  const calls: Call[] = [];
  const fake = (args: readonly string[], options: CommandOptions): CommandResult | undefined => {
    calls.push({ args, stdin: options.stdin && new TextDecoder().decode(options.stdin) });
    return command(args, options);
  };
  return { host: await testHost({ os, commands: { [COMMANDS[os]]: fake } }), calls };
}

function result(code: number, stdout = "", stderr = ""): CommandResult {
  const encoder = new TextEncoder();
  return { code, stdout: encoder.encode(stdout), stderr: encoder.encode(stderr) };
}

/** Answers in this order. */
function inOrder(...results: (CommandResult | undefined)[]): FakeCommand {
  return () => {
    assert(results.length > 0, "one call too many");
    return results.shift();
  };
}

function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

/** The answer of a system to a value that is there, to none, and to one that was stored. */
const ANSWERS: Readonly<Record<Os, { readonly found: (value: string) => CommandResult; none: CommandResult[] }>> = {
  linux: { found: (value) => result(0, value), none: [result(1), result(0)] },
  darwin: { found: (value) => result(0, `go-keyring-base64:${base64(value)}\n`), none: [result(44, "", "not found")] },
  windows: { found: (value) => result(0, `base64:${base64(value)}`), none: [result(3)] },
};

for (const os of ["linux", "darwin", "windows"] as const) {
  const { found, none } = ANSWERS[os];

  Deno.test(`a keychain on ${os} that never answers is given up`, async () => {
    const { host } = await hostWith(os, () => ({ ...result(143), isTimedOut: true }));
    await using _ = host;
    const error = await assertRejects(() => addKeychainIdentity(host, ENTRY, IDENTITY));
    const { hints } = assertUserError(error, "io", /^cannot reach the keychain: ".+" gave no answer for /);
    assert(hints.some((hint) => hint.includes("in a terminal, where it waits")));
  });

  const value = `"${TEST_X25519.identity}"`;

  Deno.test(`addKeychainIdentity() on ${os} makes an entry and reads it back`, async () => {
    const { host, calls } = await hostWith(os, inOrder(...none, result(0), found(value)));
    await using _ = host;
    assertEquals(await addKeychainIdentity(host, ENTRY, IDENTITY), true);
    assertEquals(calls.length, none.length + 2);
    for (const { args } of calls) assert(!args.join(" ").includes(TEST_X25519.identity));
  });

  Deno.test(`addKeychainIdentity() on ${os} keeps what the entry holds, and adds an identity once`, async () => {
    const { host, calls } = await hostWith(os, inOrder(found(value), result(0), found(BOTH), found(BOTH)));
    await using _ = host;
    assertEquals(await addKeychainIdentity(host, ENTRY, OTHER), true);
    assertEquals(await addKeychainIdentity(host, ENTRY, IDENTITY), false);
    assertEquals(calls.length, 4);
  });

  Deno.test(`readKeychainIdentities() on ${os} knows an absent entry`, async () => {
    const { host } = await hostWith(os, inOrder(...none));
    await using _ = host;
    assertEquals(await readKeychainIdentities(host, ENTRY), undefined);
  });

  Deno.test(`Keychain.has() on ${os} tells whether there is an entry, and asks for no value where that asks a person`, async () => {
    const { host, calls } = await hostWith(os, inOrder(found(value), none.at(-1)));
    await using _ = host;
    const keychain = await openKeychain(host);
    assertEquals([await keychain.has(ENTRY), await keychain.has(ENTRY)], [true, false]);
    for (const { args } of calls) {
      assert(!args.includes("-w") && !args.includes("lookup") && !args.includes("--unlock"));
    }
  });

  Deno.test(`addKeychainIdentity() on ${os} refuses an entry that does not read back`, async () => {
    const { host } = await hostWith(os, inOrder(...none, result(0), found('"something else"')));
    await using _ = host;
    const error = await assertRejects(() => addKeychainIdentity(host, ENTRY, IDENTITY));
    assertUserError(error, "io", /does not read back as it was written/);
  });

  Deno.test(`addKeychainIdentity() on ${os} leaves an entry alone that holds something else`, async () => {
    const { host, calls } = await hostWith(os, inOrder(found('"hunter2"')));
    await using _ = host;
    const error = await assertRejects(() => addKeychainIdentity(host, ENTRY, IDENTITY));
    assertUserError(error, "malformed", /line 1 is no age identity/);
    assert(!error.message.includes("hunter2"));
    assertEquals(calls.length, 1);
  });

  Deno.test(`readKeychainIdentities() on ${os} says that the command is missing`, async () => {
    const { host } = await hostWith(os, inOrder(undefined));
    await using _ = host;
    const error = await assertRejects(() => readKeychainIdentities(host, ENTRY));
    assertUserError(error, "unsupported", /cannot reach the keychain: the command ".+" is missing/);
  });

  Deno.test(`readKeychainIdentities() on ${os} says what the command says`, async () => {
    const { host } = await hostWith(os, inOrder(result(1, "", "security: some trouble\n")));
    await using _ = host;
    const error = await assertRejects(() => readKeychainIdentities(host, ENTRY));
    assertUserError(error, "io", /^cannot read the keychain: some trouble$/);
  });

  Deno.test(`addKeychainIdentity() on ${os} says that writing failed`, async () => {
    const { host } = await hostWith(os, inOrder(...none, result(9)));
    await using _ = host;
    const error = await assertRejects(() => addKeychainIdentity(host, ENTRY, IDENTITY));
    assertUserError(error, "io", /^cannot write to the keychain: its command ended with code 9$/);
  });
}

Deno.test("addKeychainIdentity() gives secret-tool the value on its standard input", async () => {
  const value = `"${TEST_X25519.identity}"`;
  const { host, calls } = await hostWith("linux", inOrder(result(1), result(0), result(0), result(0, value)));
  await using _ = host;
  await addKeychainIdentity(host, ENTRY, IDENTITY);
  const attributes = ["service", "atmos/prod/age-key/prod", "username", "atmos-secrets"];
  const label = "--label=Password for 'atmos-secrets' on 'atmos/prod/age-key/prod'";
  assertEquals(calls, [
    { args: ["lookup", ...attributes], stdin: undefined },
    { args: ["search", "--all", ...attributes], stdin: undefined },
    { args: ["store", label, ...attributes], stdin: value },
    { args: ["lookup", ...attributes], stdin: undefined },
  ]);
});

Deno.test("readKeychainIdentities() takes a locked entry of the Secret Service for no absent one", async () => {
  const { host } = await hostWith("linux", inOrder(result(1), result(0, "[/1]\nlabel = x\n")));
  await using _ = host;
  const error = await assertRejects(() => readKeychainIdentities(host, ENTRY));
  assertUserError(error, "denied", /it is locked/);
});

Deno.test("addKeychainIdentity() knows a locked collection of the Secret Service", async () => {
  const said = "secret-tool: Cannot create an item in a locked collection\n";
  const { host } = await hostWith("linux", inOrder(result(1), result(0), result(1, "", said)));
  await using _ = host;
  assertUserError(await assertRejects(() => addKeychainIdentity(host, ENTRY, IDENTITY)), "denied", /locked collection/);
});

Deno.test("addKeychainIdentity() gives the interactive mode of macOS one line", async () => {
  const value = `"${TEST_X25519.identity}"`;
  const { found, none } = ANSWERS.darwin;
  const { host, calls } = await hostWith("darwin", inOrder(...none, result(0), found(value)));
  await using _ = host;
  await addKeychainIdentity(host, { service: "atmos/it's a vault/age-key/x", account: "atmos-secrets" }, IDENTITY);
  const find = ["find-generic-password", "-s", "atmos/it's a vault/age-key/x", "-w", "-a", "atmos-secrets"];
  const service = `'atmos/it'"'"'s a vault/age-key/x'`;
  assertEquals(calls, [
    { args: find, stdin: undefined },
    {
      args: ["-i"],
      stdin: `add-generic-password -U -s ${service} -a atmos-secrets -w go-keyring-base64:${base64(value)}\n`,
    },
    { args: find, stdin: undefined },
  ]);
});

Deno.test("addKeychainIdentity() on darwin never repeats the value, whatever the command says", async () => {
  const repeat: FakeCommand = (_args, { stdin }) => stdin === undefined ? result(44) : { ...result(2), stderr: stdin };
  const { host } = await hostWith("darwin", repeat);
  await using _ = host;
  const error = await assertRejects(() => addKeychainIdentity(host, ENTRY, IDENTITY));
  assertUserError(error, "io", /^cannot write to the keychain: its command ended with code 2$/);
});

for (
  const [form, stored] of Object.entries({
    "Base64": `go-keyring-base64:${base64(`"${TEST_X25519.identity}"`)}`,
    "hex": `go-keyring-encoded:${new TextEncoder().encode(TEST_X25519.identity).toHex()}`,
    "plain text": TEST_X25519.identity,
    "JSON text": `"${TEST_X25519.identity}"`,
  })
) {
  Deno.test(`readKeychainIdentities() on darwin reads ${form}`, async () => {
    const { host } = await hostWith("darwin", inOrder(result(0, `${stored}\n`)));
    await using _ = host;
    const file = await readKeychainIdentities(host, ENTRY);
    assertEquals(file?.entries.map(({ secret }) => secret.revealText()), [TEST_X25519.identity]);
  });
}

Deno.test("readKeychainIdentities() on darwin refuses a damaged encoding", async () => {
  const { host } = await hostWith("darwin", inOrder(result(0, "go-keyring-base64:hunter2!\n")));
  await using _ = host;
  const error = await assertRejects(() => readKeychainIdentities(host, ENTRY));
  assertUserError(error, "malformed", /its encoding is damaged/);
});

for (const [os, count] of [["darwin", 40], ["windows", 40]] as const) {
  Deno.test(`addKeychainIdentity() on ${os} refuses what is larger than the system takes`, async () => {
    const many = `"${Array.from({ length: count }, () => TEST_HYBRID.identity).join("\\n")}"`;
    const { host, calls } = await hostWith(os, inOrder(ANSWERS[os].found(many)));
    await using _ = host;
    const error = await assertRejects(() => addKeychainIdentity(host, ENTRY, IDENTITY));
    assertUserError(error, "refused", /would be larger than (?:macOS|Windows) takes/);
    assertEquals(calls.length, 1);
  });
}

Deno.test("readKeychainIdentities() takes a PowerShell that says nothing for no answer", async () => {
  const { host } = await hostWith("windows", inOrder(result(0)));
  await using _ = host;
  assertUserError(await assertRejects(() => readKeychainIdentities(host, ENTRY)), "io", /cannot read the keychain/);
});

Deno.test("addKeychainIdentity() gives PowerShell a script that is always the same, and everything else as input", async () => {
  const value = `"${TEST_X25519.identity}"`;
  const { found, none } = ANSWERS.windows;
  const { host, calls } = await hostWith("windows", inOrder(...none, result(0), found(value)));
  await using _ = host;
  await addKeychainIdentity(host, ENTRY, IDENTITY);
  const target = base64("atmos/prod/age-key/prod:atmos-secrets");
  assertEquals(calls.map(({ stdin }) => stdin), [
    `${target}\n`,
    `${target}\n${base64("atmos-secrets")}\n${base64(value)}\n`,
    `${target}\n`,
  ]);
  const [read, write, again] = calls.map(({ args }) => {
    assertEquals(
      args.slice(0, -1).join(" "),
      "-NoLogo -NoProfile -NonInteractive -InputFormat Text -OutputFormat Text -EncodedCommand",
    );
    return new TextDecoder("utf-16le").decode(Uint8Array.fromBase64(args.at(-1) ?? ""));
  });
  const script = Deno.readTextFileSync(new URL("./windows.ps1", import.meta.url));
  const golden = (...action: string[]): string => script.replace("# ACTION", () => action.join("\n"));
  assertEquals(
    read,
    golden(
      "  $blob = [SopsmithKeychain]::Read((Get-Text 0))",
      "  if ($null -eq $blob) { exit 3 }",
      "  [Console]::Out.Write('base64:' + [Convert]::ToBase64String($blob))",
    ),
  );
  assertEquals(write, golden("  [SopsmithKeychain]::Write((Get-Text 0), (Get-Text 1), (Get-Bytes 2))"));
  assertEquals(again, read);
});
