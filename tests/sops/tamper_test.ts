/** Tampering: what the format authenticates is refused, what it cannot authenticate is known, and SECURITY.md names it. */
import { decryptFile, encryptFile } from "../../lib/sops/mod.ts";
import { assertEquals, assertRejects, assertStringIncludes, assertUserError } from "../support/assert.ts";
import { ALICE, decode, encode } from "./fake_keys.ts";

/** Where each format keeps one value to a line, the same values: `a` and `b` stand in one mapping, `c` in another. */
const FILES = {
  "a.yaml": "# top\na: one\nb: two\nopen_unencrypted: three\nm:\n  c: four\n  l:\n    - five\n    - six\n",
  "a.json":
    `{\n  "a": "one",\n  "b": "two",\n  "open_unencrypted": "three",\n  "m": {\n    "c": "four",\n    "l": [\n      "five",\n      "six"\n    ]\n  }\n}\n`,
  "a.env": "# top\na=one\nb=two\nopen_unencrypted=three\nc=four\n",
  "a.ini": "[s]\na = one\nb = two\nopen_unencrypted = three\n\n[m]\nc = four\nd = five\n",
} as const;

const VALUE = /ENC\[AES256_GCM,data:[^\]]*type:(?!comment)\w+\]/g;

/** @returns the encrypted values of a text, the MAC last */
function valuesOf(text: string): string[] {
  return [...text.matchAll(VALUE)].map(([value]) => value);
}

/** @returns the text with two values exchanged */
function exchange(text: string, first: number, second: number): string {
  const values = valuesOf(text);
  let index = -1;
  return text.replace(VALUE, (value) => {
    index++;
    return index === first ? values[second]! : index === second ? values[first]! : value;
  });
}

/** @returns the lines of a text with those that a pattern matches replaced by what `by` makes of them */
function replaceLines(text: string, pattern: RegExp, by: (line: string) => string): string {
  return text.split("\n").flatMap((line) => pattern.test(line) ? by(line) || [] : [line]).join("\n");
}

/** @returns the text with the first digit of a part of its first value changed */
function alter(text: string, part: "data" | "iv" | "tag"): string {
  const [value = ""] = valuesOf(text);
  const at = value.indexOf(`${part}:`) + part.length + 1;
  return text.replace(value, value.slice(0, at) + (value[at] === "A" ? "B" : "A") + value.slice(at + 1));
}

/** Changes by somebody who has no key. The first text is the file, the second another file with the same key names. */
const CHANGES: Readonly<Record<string, (text: string, other: string) => string>> = {
  "a value changed": (text) => alter(text, "data"),
  "a nonce changed": (text) => alter(text, "iv"),
  "a tag changed": (text) => alter(text, "tag"),
  "two values exchanged": (text) => exchange(text, 0, 1),
  "a value of another mapping": (text) => exchange(text, 0, valuesOf(text).length - 2),
  "two keys exchanged": (text) =>
    text.replace(/\ba(?="?\s*[:=])/, "@").replace(/\bb(?="?\s*[:=])/, "a").replace("@", "b"),
  "a key renamed": (text) => text.replace(/\ba(?="?\s*[:=])/, "z"),
  "a value taken away": (text) => replaceLines(text, /^\s*"?b"?\s*[:=]/, () => ""),
  "a value in clear added": (text) =>
    replaceLines(text, /open_unencrypted/, (line) => `${line}\n${line.replace("open", "more")}`),
  "a value in clear changed": (text) => text.replace("three", "thirty"),
  "a value in clear taken away": (text) => replaceLines(text, /open_unencrypted/, () => ""),
  "a value that should be encrypted, in clear": (text) =>
    text.replace(VALUE, (value) => valuesOf(text)[0] === value ? "one" : value),
  "a value of another file": (text, other) => text.replace(valuesOf(text)[0]!, valuesOf(other)[0]!),
  "the MAC of another file": (text, other) => text.replace(valuesOf(text).at(-1)!, valuesOf(other).at(-1)!),
  "the time changed": (text) => text.replace("2026-01-02T03", "2026-01-02T04"),
  "another selector": (text) => text.replace(/(unencrypted_suffix"?\s*[:=]\s*"?)_unencrypted/, "$1_other"),
  "mac_only_encrypted turned on": (text) =>
    replaceLines(
      text,
      /unencrypted_suffix/,
      (line) =>
        `${
          line.replace(/(unencrypted_suffix"?\s*[:=]\s*)(.*?)(,?)$/, "mac_only_encrypted$1true$3")
            .replace("mac_only_encryptedunencrypted_suffix", "mac_only_encrypted")
        }\n${line}`,
    ),
};

for (const [path, plain] of Object.entries(FILES)) {
  for (const [name, change] of Object.entries(CHANGES)) {
    Deno.test(`decryptFile() refuses ${path} with ${name}`, async () => {
      const options = { ...ALICE, path };
      const text = decode((await encryptFile(encode(plain), options)).bytes)!;
      const other = decode((await encryptFile(encode(plain), options)).bytes)!;
      assertEquals(decode((await decryptFile(encode(text), options)).bytes), plain);
      const changed = change(text, other);
      if (changed === text) throw new Error("nothing was changed");
      assertUserError(await assertRejects(() => decryptFile(encode(changed), options)), "integrity");
    });
  }

  for (const share of [0.2, 0.5, 0.8, 0.95]) {
    Deno.test(`decryptFile() takes ${path} that ends after ${share} for malformed`, async () => {
      const options = { ...ALICE, path };
      const { bytes } = await encryptFile(encode(plain), options);
      const cut = bytes.subarray(0, Math.floor(bytes.length * share));
      assertUserError(await assertRejects(() => decryptFile(cut, options)), "malformed");
    });
  }
}

/** What the format cannot authenticate, each with a part of what SECURITY.md says of it. */
const UNSEEN: Readonly<Record<string, (text: string) => string>> = {
  "comments": (text) => text.replace(/^#ENC.*\n/m, "# somebody else's\n"),
  "the version": (text) => text.replace("version: 3.13.2", "version: 3.13.9"),
  "the list of recipients": (text) =>
    text.replace(/^( +- enc: \|\n)/m, "$1              x\n          recipient: stranger\n$1"),
  "the names of keys in clear": (text) => text.replace("open_unencrypted", "other_unencrypted"),
  "nulls": (text) => text.replace("nothing:", "none:"),
  "empty values": (text) => text.replace('empty: ""', 'empty: ""\nalso: ""\nno: {}'),
  "the nesting of lists": (text) => text.replace(/- (ENC.*)\n( +)- (ENC.*)/, "- - $1\n$2  - $3"),
  "the boundaries between neighbouring values in clear": (text) =>
    text.replace("x_unencrypted: on", "x_unencrypted: one").replace("y_unencrypted: etwo", "y_unencrypted: two"),
  "the type of a value": (text) =>
    text.replace('number_unencrypted: "1"', "number_unencrypted: 1").replace(/^(digits: .*type:)str/m, "$1int"),
};

for (const [name, change] of Object.entries(UNSEEN)) {
  Deno.test(`what the format cannot authenticate: ${name}`, async () => {
    const options = { ...ALICE, path: "a.yaml" };
    const plain = `${FILES["a.yaml"]}nothing:\nempty: ""\nx_unencrypted: on\ny_unencrypted: etwo\n` +
      `number_unencrypted: "1"\ndigits: "1"\n`;
    const text = decode((await encryptFile(encode(plain), options)).bytes)!;
    const changed = change(text);
    if (changed === text) throw new Error("nothing was changed");
    await decryptFile(encode(changed), options);
    const security = Deno.readTextFileSync(new URL("../../SECURITY.md", import.meta.url)).replaceAll(/\s+/g, " ");
    assertStringIncludes(security.slice(security.indexOf("What the format of SOPS cannot authenticate")), name);
  });
}
