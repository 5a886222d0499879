import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/test_host.ts";
import { compilePattern } from "../../../lib/config/patterns/matcher.ts";
import { diagnoseAccess } from "../../../lib/repository/doctor/access.ts";
import { checkContent, type ContentCheck } from "../../../lib/repository/doctor/content.ts";
import type { LocalIdentity } from "../../../lib/repository/doctor/finding.ts";
import { findMetadata } from "../../../lib/sops/metadata/metadata.ts";
import { decryptFile, type Effort, encryptFile, type EncryptOptions, type KeyOpener } from "../../../lib/sops/mod.ts";
import { TEST_X25519 } from "../../keys/test_keys.ts";

const PATH = "db.yaml";
const PLAIN = "user: admin\nlogin:\n    password: hunter2\n    hint_unencrypted: none\n# note\nlast: 1\n";
const MINE: LocalIdentity = { recipient: TEST_X25519.recipient, origin: "keys.txt", isLocked: false };

/** Stands for age: what is wrapped is the data key itself. */
async function encrypt(plain: string, options: Partial<EncryptOptions> = {}): Promise<string> {
  const { bytes } = await encryptFile(new TextEncoder().encode(plain), {
    path: PATH,
    groups: [{ keys: [{ type: "age", text: TEST_X25519.recipient }] }],
    random: seededRandom(1),
    now: () => new Date("2026-11-21T01:12:27Z"),
    compileRegex: compilePattern,
    wrap: (_recipient, share) => Promise.resolve(btoa(String.fromCharCode(...share))),
    ...options,
  });
  return new TextDecoder().decode(bytes);
}

function createOpener(asked: Effort[] = []): KeyOpener {
  return (_recipient, encrypted, effort) => {
    asked.push(effort);
    const dataKey = /^[A-Za-z0-9+/=]{44}$/.test(encrypted.trim())
      ? Uint8Array.from(atob(encrypted.trim()), (char) => char.charCodeAt(0))
      : undefined;
    return Promise.resolve(dataKey === undefined ? { attempts: [{ origin: "keys.txt" }] } : { dataKey });
  };
}

async function check(text: string, identities = [MINE], open: KeyOpener = createOpener()): Promise<ContentCheck> {
  const bytes = new TextEncoder().encode(text);
  const metadata = findMetadata(bytes, PATH);
  assert(metadata !== undefined);
  const access = diagnoseAccess(metadata, identities);
  return await checkContent({ path: `/work/${PATH}`, label: PATH, bytes, access }, { open, triesAllKeys: true });
}

Deno.test("checkContent() finds nothing wrong with a file as it was encrypted", async () => {
  assertEquals(await check(await encrypt(PLAIN)), { isOpened: true, findings: [] });
});

Deno.test("checkContent() tells a change of any value, and of what stands in clear", async () => {
  const text = await encrypt(PLAIN);
  const changes: [string, string][] = [
    [
      "a flipped byte",
      text.replace(/(password: ENC\[AES256_GCM,data:)(.)/, (_all, a, b) => a + (b === "A" ? "B" : "A")),
    ],
    ["a value taken away", text.replace(/^last: .*\n/m, "")],
    ["a value in clear that was changed", text.replace("hint_unencrypted: none", "hint_unencrypted: some")],
    ["another time", text.replace("2026-11-21T01:12:27Z", "2026-11-21T01:12:28Z")],
    ["a cut value", text.replace(/,type:int\]/, "]")],
  ];
  for (const [name, changed] of changes) {
    assert(changed !== text, name);
    const { isOpened, problem } = await check(changed);
    assertEquals([isOpened, problem?.kind, problem?.finding.code], [false, "integrity", "tampered"], name);
  }
});

Deno.test("checkContent() names values in clear without any key, and never says what they are", async () => {
  const text = (await encrypt(PLAIN)).replace(/password: .*/, "password: hunter2");
  const { problem } = await check(text, [], () => Promise.resolve({ attempts: [] }));
  assertEquals(problem?.finding.code, "value-in-clear");
  const message = problem?.finding.message ?? "";
  assert(message.includes('"login:password" (line 3)'), message);
  assert(!message.includes("hunter2"));
});

Deno.test("checkContent() takes an encrypted comment for encrypted, and one added by hand for a warning", async () => {
  const text = (await encrypt(PLAIN)).replace("last:", "# call me\nlast:");
  const { isOpened, problem, findings } = await check(text);
  assertEquals([isOpened, problem], [true, undefined]);
  assertEquals(findings.map(({ code }) => code), ["comment-in-clear"]);
  assert(!findings[0]!.message.includes("call me"));
});

Deno.test("checkContent() tells a version and a selector that no reader can use", async () => {
  const text = await encrypt(PLAIN, { selectors: { encrypted_regex: "^(user|password|last)$" } });
  for (const [from, to] of [["version: 3.13.2", "version: newest"], ["^(user|", "^((user|"]] as const) {
    const { problem } = await check(text.replace(from, to));
    assert(problem !== undefined);
    assertEquals([problem.kind, problem.finding.code], ["malformed", "malformed-file"], to);
    assert(problem.finding.message.includes(PATH));
  }
});

Deno.test("checkContent() calls a data key damaged only where a free identity should open it", async () => {
  const text = (await encrypt(PLAIN)).replace(/enc: .*/, "enc: junk");
  assertEquals((await check(text)).problem?.finding.code, "damaged-data-key");
  for (const other of [{ ...MINE, isLocked: true }, { ...MINE, isFromCommand: true as const }]) {
    assertEquals(await check(text, [other]), { isOpened: false, findings: [] });
  }
  assertEquals(await check(text, []), { isOpened: false, findings: [] });
});

Deno.test("checkContent() tells a file that opens with a key that it does not name", async () => {
  const { isOpened, findings } = await check(await encrypt(PLAIN), []);
  assertEquals([isOpened, findings.map(({ code }) => code)], [true, ["wrong-recipient"]]);
});

Deno.test("checkContent() never goes further than what is free", async () => {
  const asked: Effort[] = [];
  await check((await encrypt(PLAIN)).replace(/enc: .*/, "enc: junk"), [MINE], createOpener(asked));
  assertEquals(new Set(asked), new Set(["free"]));
});

Deno.test("checkContent() agrees with decryptFile() on files that were changed anywhere", async () => {
  const text = await encrypt(PLAIN);
  const random = seededRandom(7);
  const counts = { opened: 0, refused: 0 };
  for (let i = 0; i < 400; i++) {
    const [high = 0, low = 0, byte = 0] = random(3);
    const at = ((high << 8) | low) % text.length;
    const changed = text.slice(0, at) + String.fromCharCode(32 + byte % 95) + text.slice(at + 1);
    const bytes = new TextEncoder().encode(changed);
    if (findMetadata(bytes, PATH) === undefined) continue;
    const { isOpened } = await check(changed);
    const isDecrypted = await decryptFile(bytes, { path: PATH, open: createOpener(), compileRegex: compilePattern })
      .then(() => true, () => false);
    assertEquals(isOpened, isDecrypted, `character ${at}, ${byte}`);
    counts[isOpened ? "opened" : "refused"]++;
  }
  assert(counts.opened > 5 && counts.refused > 200, JSON.stringify(counts));
});
