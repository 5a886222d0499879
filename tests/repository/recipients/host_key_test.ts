/** Host keys as `ssh-keyscan` sees them; the answers are made up. */
import { parseFingerprint, parseHostAddress, scanHostKey } from "../../../lib/repository/recipients/host_key.ts";
import { assertEquals, assertRejects, assertThrows, assertUserError } from "../../support/assert.ts";
import { type FakeCommand, testHost } from "../../support/test_host.ts";

/** A test key, and its fingerprint as ssh-keygen -l prints it. */
const LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFnE5txgzjzDDPUTZ5ABif+YuDpMIRj3NHo7L4V99mNe";
const FINGERPRINT = "SHA256:+PWxi0AMkRm8wyG8CkJRiBFozuA5xEuy8MKQHZIxedI";

Deno.test("parseHostAddress() reads names and addresses, with or without a port or a user", () => {
  const cases: [string, string, number | undefined][] = [
    ["web1", "web1", undefined],
    ["root@web1.example.com", "web1.example.com", undefined],
    ["web1:2222", "web1", 2222],
    ["10.0.0.7", "10.0.0.7", undefined],
    ["2001:db8::1", "2001:db8::1", undefined],
    ["[2001:db8::1]:2222", "2001:db8::1", 2222],
    ["[fe80::1%eth0]", "fe80::1%eth0", undefined],
  ];
  for (const [text, name, port] of cases) assertEquals(parseHostAddress(text), { name, port }, text);
});

Deno.test("parseHostAddress() refuses what ssh-keyscan would take for something else", () => {
  for (
    const text of ["", "-f/etc/passwd", "a b", "a,b", "web1:", "web1:0", "web1:65536", "web1:x", "@", "[web1"]
  ) {
    assertUserError(assertThrows(() => parseHostAddress(text)), "usage", /--ssh-host/);
  }
});

Deno.test("parseFingerprint() takes SHA256 fingerprints only", () => {
  assertEquals(parseFingerprint(FINGERPRINT), FINGERPRINT);
  assertEquals(parseFingerprint(`${FINGERPRINT}=`), FINGERPRINT);
  for (const text of ["", "SHA256:", FINGERPRINT.slice(0, -1), FINGERPRINT.slice(7), "MD5:16:27:ac"]) {
    assertUserError(assertThrows(() => parseFingerprint(text)), "usage", /--fingerprint/);
  }
});

/** A scan with an `ssh-keyscan` that answers this. */
async function scan(stdout: string, { stderr = "", code = 0, port = undefined as number | undefined } = {}) {
  let seen: readonly string[] = [];
  const encoder = new TextEncoder();
  const fake: FakeCommand = (args) => {
    seen = args;
    return { code, stdout: encoder.encode(stdout), stderr: encoder.encode(stderr) };
  };
  await using host = await testHost({ commands: { "ssh-keyscan": fake } });
  const key = await scanHostKey(host, { name: "web1", port });
  return { key, seen };
}

Deno.test("scanHostKey() asks for the ed25519 key alone, and tells its fingerprint", async () => {
  const { key, seen } = await scan(`web1 ${LINE}\n`, { stderr: "# web1:22 SSH-2.0-OpenSSH_9.9\n" });
  assertEquals(key, { line: LINE, fingerprint: FINGERPRINT });
  assertEquals(seen, ["-t", "ed25519", "--", "web1"]);
  assertEquals((await scan(`[web1]:2222 ${LINE}\n`, { port: 2222 })).seen, [
    "-t",
    "ed25519",
    "-p",
    "2222",
    "--",
    "web1",
  ]);
});

Deno.test("scanHostKey() takes one key that is shown twice for one", async () => {
  assertEquals((await scan(`web1 ${LINE}\n10.0.0.1 ${LINE}\n`)).key.fingerprint, FINGERPRINT);
});

Deno.test("scanHostKey() refuses different keys in one answer", async () => {
  const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBbFa9N45Qri/WVPkQCnqCpMuWv+A8dLScNGbeU+MSbd";
  assertUserError(await assertRejects(() => scan(`web1 ${LINE}\nweb1 ${other}\n`)), "refused", /2 different/);
});

Deno.test("scanHostKey() says what ssh-keyscan complained about when there is no key", async () => {
  const stderr = "# web1:22 SSH-2.0-x\ngetaddrinfo web1: Name or service not known\n";
  const error = assertUserError(await assertRejects(() => scan("", { stderr, code: 1 })), "not-found", /"web1"/);
  assertEquals(error.details, ["getaddrinfo web1: Name or service not known"]);
  const quiet = assertUserError(await assertRejects(() => scan("garbage\n", { port: 2222 })), "not-found", /port 2222/);
  assertEquals(quiet.details, []);
});

Deno.test("scanHostKey() needs ssh-keyscan", async () => {
  await using host = await testHost({ commands: { "ssh-keyscan": () => undefined } });
  const error = await assertRejects(() => scanHostKey(host, { name: "web1", port: undefined }));
  assertUserError(error, "unsupported", /no ssh-keyscan/);
});
