import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom, testHost } from "../../support/test_host.ts";
import { decodeArmor, encodeArmor } from "../../../lib/keys/age/armor.ts";
import { createKeyOpener } from "../../../lib/keys/age/unwrap.ts";
import { createKeyWrapper } from "../../../lib/keys/age/wrap.ts";
import { loadIdentities } from "../../../lib/keys/places/identities.ts";
import { compilePattern } from "../../../lib/config/patterns/matcher.ts";
import { diagnoseAccess } from "../../../lib/repository/doctor/access.ts";
import { checkContent, type ContentCheck } from "../../../lib/repository/doctor/content.ts";
import type { LocalIdentity } from "../../../lib/repository/doctor/finding.ts";
import { findMetadata } from "../../../lib/sops/metadata/metadata.ts";
import { decryptFile, type Effort, encryptFile, type EncryptOptions, type KeyOpener } from "../../../lib/sops/mod.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../../keys/test_keys.ts";

const PATH = "db.yaml";
const PLAIN = "user: admin\nlogin:\n    password: hunter2\n    hint_unencrypted: none\n# note\nlast: 1\n";
/** A machine without any identity. */
const NOTHING: KeyOpener = () => Promise.resolve({ attempts: [] });
const MINE: LocalIdentity = { recipient: TEST_X25519.recipient, origin: "keys.txt", isLocked: false };

async function encrypt(plain: string, options: Partial<EncryptOptions> = {}): Promise<string> {
  await using host = await testHost();
  const { bytes } = await encryptFile(new TextEncoder().encode(plain), {
    path: PATH,
    groups: [{ keys: [{ type: "age", text: TEST_X25519.recipient }] }],
    random: seededRandom(1),
    now: () => new Date("2026-11-21T01:12:27Z"),
    compileRegex: compilePattern,
    wrap: createKeyWrapper(host),
    ...options,
  });
  return new TextDecoder().decode(bytes);
}

/** Opens with the test identity, and keeps how far it was asked to go. */
function createOpener(asked: Effort[] = []): KeyOpener {
  const opener = loadOpener();
  return async (recipient, encrypted, effort) => {
    asked.push(effort);
    return await (await opener)(recipient, encrypted, effort);
  };
}

async function loadOpener(): Promise<KeyOpener> {
  await using host = await testHost({ env: { SOPS_AGE_KEY: TEST_X25519.identity } });
  return createKeyOpener(await loadIdentities(host));
}

async function check(text: string, identities = [MINE], open: KeyOpener = createOpener()): Promise<ContentCheck> {
  const bytes = new TextEncoder().encode(text);
  const metadata = findMetadata(bytes, PATH);
  assert(metadata !== undefined);
  const access = diagnoseAccess(metadata, identities);
  return await checkContent({ path: `/work/${PATH}`, label: PATH, bytes, access }, { open, depth: "all-keys" });
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
  const { problem } = await check(text, [], NOTHING);
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
  const text = (await encrypt(PLAIN, { groups: [{ keys: [{ type: "age", text: TEST_X25519_OTHER.recipient }] }] }))
    .replace(TEST_X25519_OTHER.recipient, TEST_X25519.recipient);
  assertEquals((await check(text)).problem?.finding.code, "damaged-data-key");
  for (const other of [{ ...MINE, isLocked: true }, { ...MINE, isFromCommand: true as const }]) {
    assertEquals(await check(text, [other]), { isOpened: false, findings: [] });
  }
  assertEquals(await check(text, []), { isOpened: false, findings: [] });
});

/** What happens to the data key of one reader, and what is said of it. */
const DAMAGES: readonly (readonly [change: (enc: string) => string, state: string])[] = [
  [() => "", "is empty"],
  [() => "junk", "is no age file in its text form"],
  [(enc) => enc.replace("-----BEGIN", "----BEGIN"), "is no age file in its text form"],
  [(enc) => enc.replace(/\n.*\n/, "\n"), "has a damaged header"],
  [(enc) => enc.replace(/\n(.)/, "\n!"), "is no age file in its text form"],
  [(enc) => enc.replace(/\nY/, "\nZ"), "has a damaged header"],
  [(enc) => enc.replace("IFgyNTUxOS", "IFgyNTUxOC"), "has a damaged header"],
  [cutPayload, "was changed after it was made, or cut short"],
];

function cutPayload(enc: string): string {
  return encodeArmor(decodeArmor(enc)!.slice(0, -16)).trimEnd();
}

async function damageKeyOf(recipient: string, change: (enc: string) => string): Promise<string> {
  const keys = [TEST_X25519.recipient, TEST_X25519_OTHER.recipient].map((text) => ({ type: "age" as const, text }));
  const text = await encrypt(PLAIN, { groups: [{ keys }] });
  const start = text.lastIndexOf("|\n", text.indexOf(recipient));
  const end = text.indexOf("-----END", start) + "-----END AGE ENCRYPTED FILE-----".length;
  const enc = text.slice(start + 2, end).split("\n").map((line) => line.trim()).join("\n");
  assert(change(enc) !== enc);
  return text.slice(0, start) + JSON.stringify(change(enc)) + text.slice(end);
}

Deno.test("checkContent() names the damaged data key of another reader, with and without a key here", async () => {
  for (const [change, state] of DAMAGES) {
    const text = await damageKeyOf(TEST_X25519_OTHER.recipient, change);
    const machines: [LocalIdentity[], KeyOpener][] = [
      [[MINE], createOpener()],
      [[{ ...MINE, isLocked: true }], NOTHING],
      [[], NOTHING],
    ];
    for (const [identities, open] of machines) {
      const { problem, findings } = await check(text, identities, open);
      assertEquals([problem, findings.map(({ code }) => code)], [undefined, ["damaged-data-key"]], state);
      assert(findings[0]!.message.endsWith(`the data key there ${state}`), findings[0]!.message);
    }
  }
});

Deno.test("checkContent() says that a file is closed where the only data key of an identity here is damaged", async () => {
  for (const [change] of DAMAGES) {
    const text = await damageKeyOf(TEST_X25519.recipient, change);
    for (const isLocked of [false, true]) {
      const { problem } = await check(text, [{ ...MINE, isLocked }], NOTHING);
      assertEquals([problem?.kind, problem?.finding.code], ["integrity", "damaged-data-key"]);
    }
    assertEquals((await check(text, [], NOTHING)).problem, undefined); // others may open it
  }
});

Deno.test("checkContent() names damaged values and a damaged MAC without any key, and never says what they are", async () => {
  const text = await encrypt(PLAIN);
  const changes: readonly (readonly [from: RegExp, to: string, name: string])[] = [
    [/(password: ENC.*),tag:[^,]*/, "$1", '"login:password" (line 3)'],
    [/(password: ENC.*),iv:./, "$1,iv:!", '"login:password" (line 3)'],
    [/(last: ENC.*),type:int/, "$1,type:number", '"last" (line 6)'],
    [/(mac: ENC.*),tag:./, "$1,tag:!", "the MAC"],
  ];
  for (const [from, to, name] of changes) {
    const changed = text.replace(from, to);
    assert(changed !== text);
    const { problem } = await check(changed, [], NOTHING);
    assertEquals([problem?.kind, problem?.finding.code], ["integrity", "tampered"], name);
    const { message } = problem!.finding;
    assert(message.includes(name) && message.endsWith(" is damaged") && !message.includes("ENC["), message);
  }
});

Deno.test("checkContent() tells a file that opens with a key that it does not name", async () => {
  const { isOpened, findings } = await check(await encrypt(PLAIN), []);
  assertEquals([isOpened, findings.map(({ code }) => code)], [true, ["wrong-recipient"]]);
});

Deno.test("checkContent() never goes further than what is free", async () => {
  const asked: Effort[] = [];
  await check(await encrypt(PLAIN), [MINE], createOpener(asked));
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
