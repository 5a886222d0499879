import { wrapText } from "../../../lib/base/show/wrap.ts";
import { displayWidth } from "../../../lib/base/show/width.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";

Deno.test("wrapText() leaves alone what fits, to the column", () => {
  assertEquals(wrapText("  a  line   that fits", { columns: 21 }), ["  a  line   that fits"]);
});

Deno.test("wrapText() breaks between words, and indents what follows by two columns more than the text", () => {
  assertEquals(wrapText("  one two three four", { columns: 11 }), ["  one two", "    three", "    four"]);
});

Deno.test("wrapText() puts what follows below the start of the text behind a head", () => {
  const lines = wrapText("one two three", { columns: 14, start: "error: ", indent: "       " });
  assertEquals(lines, ["error: one two", "       three"]);
});

Deno.test("wrapText() never breaks a word, nor a command, and keeps the first behind its head", () => {
  assertEquals(wrapText("aaaaaaaaaaaa b", { columns: 5 }), ["aaaaaaaaaaaa", "  b"]);
  assertEquals(wrapText("sopsmith edit secrets/first.yaml", { columns: 20, start: "next: " }), [
    "next: sopsmith edit secrets/first.yaml",
  ]);
  assertEquals(wrapText("make one with: sopsmith keygen prod", { columns: 24, start: "hint: ", indent: "      " }), [
    "hint: make one with:",
    "      sopsmith keygen prod",
  ]);
});

Deno.test("wrapText() moves a remark below as a whole where it fits there", () => {
  assertEquals(wrapText("public half in .sops.yaml   (safe to commit)", { columns: 40 }), [
    "public half in .sops.yaml",
    "  (safe to commit)",
  ]);
});

Deno.test("wrapText() counts columns, not characters", () => {
  assertEquals(wrapText("鍵鍵鍵 鍵鍵鍵", { columns: 12 }), ["鍵鍵鍵", "  鍵鍵鍵"]);
  assertEquals(wrapText("e\u0301e\u0301 e\u0301", { columns: 4 }), ["e\u0301e\u0301 e\u0301"]);
});

Deno.test("wrapText() loses no word, and makes no line wider than it has to be", () => {
  const word = fc.stringMatching(/^[a-z鍵]{1,12}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), fc.integer({ min: 14, max: 80 }), (words, columns) => {
      const lines = wrapText(words.join(" "), { columns });
      assertEquals(lines.join(" ").split(/ +/), words);
      assert(lines.every((line) => displayWidth(line) <= columns || !line.trim().includes(" ")));
    }),
  );
});

/** Commands that are wider than a line, alone and in sentences. */
const WIDE = [
  "next: sopsmith identity import exports/exported-keys.txt --to=elsewhere/exports.txt exporter --in-place export",
  "next: sopsmith updatekeys clusters/production/db.sops.yaml clusters/staging/db.sops.yaml",
  "next: mkdir -p infra/secrets && sopsmith edit 'infra/secret files/dev.enc.yaml' --config infra/keys/sops.yaml",
  "hint: run: nix --extra-experimental-features 'nix-command flakes' store sign --key-file cache.sec 'nixpkgs#hello'",
  'ask bob to run: sopsmith recipient add "$USER" age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p --file a && sopsmith updatekeys a',
];

Deno.test("wrapText() breaks a wide command so that a shell takes its lines as they stand", () => {
  for (const text of WIDE) {
    for (let columns = 20; columns < 130; columns++) {
      const lines = wrapText(text, { columns, indent: "      ", breaksCommands: true });
      assertEquals(lines.join("\n").replace(/ \\\n */g, " ").replace(/\n */g, " "), text);
      for (const line of lines.filter((line) => displayWidth(line) > columns)) {
        const word = line.replace(/ (?:\\|&&)$/, "").trim().replace(/^(?:next|hint): (?:run: )?/, "");
        assert(/^(?:--?[\w-]+ )?(?:'[^']*'|"[^"]*"|[^ ])+$/.test(word), line);
      }
    }
  }
});

Deno.test("wrapText() leaves a wide command whole where a shell does not take its parts, and one of a wide word", () => {
  const frame = { columns: 80, indent: "      " };
  for (const text of WIDE.filter((text) => text.startsWith("next: "))) {
    assertEquals(wrapText(text, frame).at(-1)?.trim(), text.slice("next: ".length));
  }
  const wide = `export A=${"x".repeat(90)}`;
  assertEquals(wrapText(`next: ${wide}`, { ...frame, breaksCommands: true }).at(-1)?.trim(), wide);
});
