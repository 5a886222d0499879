/** Files that the real engine has made, read with their unwrapped data keys. */
import { decryptFile, encryptFile } from "../../lib/sops/mod.ts";
import { type StoreFormat, storeOfName } from "../../lib/sops/metadata/metadata.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../support/assert.ts";
import { ALICE, decode, SURROUNDINGS } from "./fake_keys.ts";
import { MANIFEST, openerOf, readVector } from "./manifest.ts";

function flag(flags: readonly string[], name: string): string | undefined {
  const index = flags.indexOf(name);
  return index === -1 ? undefined : flags[index + 1];
}

/** What SOPS writes as YAML that it cannot read again: we quote those texts. */
const BROKEN_YAML = "enc/nested-multiline-as-yaml.json";

for (const vector of MANIFEST.filter(({ file }) => file !== BROKEN_YAML)) {
  Deno.test(`decryptFile() opens ${vector.file} to what SOPS makes of it`, async () => {
    const { file, decryptFlags } = vector;
    const indent = flag(decryptFlags, "--indent");
    const outputFormat = flag(decryptFlags, "--output-type") as StoreFormat | undefined;
    const { bytes, leftCommentCount } = await decryptFile(readVector(file), {
      ...SURROUNDINGS,
      path: file,
      open: await openerOf(vector),
      outputFormat,
      canonical: indent === undefined ? {} : { indent: Number(indent) },
    });
    assertEquals(leftCommentCount, 0);
    assertEquals(decode(bytes), decode(readVector(vector.decrypted)));
  });
}

Deno.test("decryptFile() quotes texts that SOPS would write as YAML that nobody can read", async () => {
  const vector = MANIFEST.find(({ file }) => file === BROKEN_YAML)!;
  const options = { ...SURROUNDINGS, path: vector.file, open: await openerOf(vector) };
  const yaml = await decryptFile(readVector(vector.file), { ...options, outputFormat: "yaml" });
  const json = await decryptFile(readVector(vector.file), { ...options, canonical: {} });
  const again = await encryptFile(yaml.bytes, { ...ALICE, path: "a.yaml" });
  const back = await decryptFile(again.bytes, { ...ALICE, path: "a.yaml", outputFormat: "json" });
  assertEquals(decode(back.bytes), decode(json.bytes));
});

/** Text behind a quoted key, which SOPS drops: it would stay in clear in the author's layout. */
const REFUSED_PLAIN = "plain/basic.ini";

Deno.test("encryptFile() refuses what it could neither encrypt in place nor leave in clear", async () => {
  const error = await assertRejects(() => encryptFile(readVector(REFUSED_PLAIN), { ...ALICE, path: REFUSED_PLAIN }));
  assertUserError(error, "unsupported", /line 15/);
});

for (const plain of new Set(MANIFEST.map((vector) => vector.plain))) {
  if (plain === REFUSED_PLAIN) continue;
  Deno.test(`encryptFile() keeps the layout of ${plain}, and decryptFile() gives it back`, async () => {
    const content = readVector(plain);
    const options = { ...ALICE, path: plain };
    const { bytes, encryptedCount } = await encryptFile(content, options);
    const encrypted = decode(bytes)!;
    assert(encrypted.includes("ENC[AES256_GCM") || content.length === 0, "something is encrypted");
    assert(encryptedCount > 0 || content.length === 0, "it is counted");
    const back = await decryptFile(bytes, { ...options, proves: true });
    assertEquals(back.leftCommentCount, 0);
    const again = await encryptFile(back.bytes, options);
    const third = await decryptFile(again.bytes, options);
    assertEquals(decode(third.bytes), decode(back.bytes), "what was decrypted once stays as it is");
    if (storeOfName(plain) === "binary") assertEquals(back.bytes, content);
  });
}

Deno.test("encryptFile() writes what SOPS would, byte for byte but for keys, nonces and time", async () => {
  for (const vector of MANIFEST) {
    const format = storeOfName(vector.file);
    if (format !== storeOfName(vector.plain) || vector.wrapped.length !== 1 || !vector.file.endsWith("json")) continue;
    const indent = flag(vector.encryptFlags, "--indent");
    const expected = mask(decode(readVector(vector.file))!);
    const canonical = indent === undefined ? {} : { indent: Number(indent) };
    const { bytes } = await encryptFile(readVector(vector.plain), { ...ALICE, path: vector.plain, canonical });
    assertEquals(mask(decode(bytes)!), expected, vector.file);
  }
});

/** The text without what is different each time. */
function mask(text: string): string {
  return text
    .replace(/ENC\[AES256_GCM,data:([^,]*),iv:[^,]*,tag:[^,]*,/g, (_, data: string) => `ENC[${data.length},`)
    .replace(/"enc": "[^"]*"/g, '"enc"')
    .replace(/"recipient": "[^"]*"/g, '"recipient"')
    .replace(/"lastmodified": "[^"]*"/g, '"lastmodified"');
}
