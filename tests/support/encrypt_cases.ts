/**
 * Makes real encrypted files of those that a case has only sketched: `enc: (left out)` becomes a data key, and every
 * `ENC[…]` a value that it opens. What else stands in the files stays, the time included.
 *
 * Run by hand for new cases: `deno run -P tests/support/encrypt_cases.ts tests/cases/doctor/NAME.txt…`. A sketch stays one
 * where a key of another service than age would be needed, and in files that no identity of the case opens it does no harm.
 *
 * @module
 */
import { UserError } from "../../lib/base/error.ts";
import { createKeyWrapper } from "../../lib/keys/age/wrap.ts";
import { findMetadata } from "../../lib/sops/metadata/metadata.ts";
import { encryptFile, parseEncryptedFile } from "../../lib/sops/mod.ts";
import { compilePattern } from "../../lib/config/patterns/matcher.ts";
import { seededRandom, testHost } from "./test_host.ts";

/** What a sketch has in the place of a data key. */
const LEFT_OUT = "(left out)";

const SKETCHED_VALUE = /ENC\[AES256_GCM,[^\]]*\]/g;

/** How SOPS 3.13.2 writes a comment in a list. */
const SKETCHED_LIST_COMMENT = /- ENC\[AES256_GCM,[^\]]*,type:comment\]/g;

/** @returns the page with real files; each file of a page starts at a line `-- name --` */
async function encryptPage(page: string): Promise<string> {
  const parts = page.split(/^(?=-- .* --$)/m);
  const done: string[] = [];
  for (const part of parts) {
    const headEnd = part.indexOf("\n") + 1;
    const name = /^-- (\S+)/.exec(part)?.[1] ?? "";
    const isSketch = name.endsWith(".yaml") && part.includes(LEFT_OUT);
    done.push(isSketch ? part.slice(0, headEnd) + await encryptSketch(part.slice(headEnd)) : part);
  }
  return done.join("");
}

async function encryptSketch(sketch: string): Promise<string> {
  const path = "file.yaml";
  const metadata = findMetadata(new TextEncoder().encode(sketch), path);
  const blockStart = sketch.search(/^sops:/m);
  if (metadata === undefined || blockStart === -1) return sketch;
  const groups = metadata.groups.map(({ keys }) => ({ keys: keys.filter(({ type }) => type === "age") }));
  if (groups.some(({ keys }) => keys.length === 0)) return sketch;
  await using host = await testHost();
  const wrap = createKeyWrapper(host);
  const encrypted = await encryptFile(
    new TextEncoder().encode(sketchedText(sketch.slice(0, blockStart))),
    {
      path,
      groups,
      shamirThreshold: metadata.shamirThreshold,
      selectors: metadata.selectors,
      macOnlyEncrypted: metadata.macOnlyEncrypted,
      compileRegex: compilePattern,
      random: seededRandom(sketch.length),
      now: () => new Date(metadata.lastModified),
      wrap: async (recipient, share) => {
        try {
          return await wrap(recipient, share);
        } catch (error) {
          if (error instanceof UserError) return LEFT_OUT; // a plugin, or a recipient that is none
          throw error;
        }
      },
    },
  );
  const text = new TextDecoder().decode(encrypted.bytes);
  const made = (await parseEncryptedFile(encrypted.bytes, { path })).metadata;
  const dataKeys = made.groups.flatMap(({ keys }) => keys.map(({ enc }) => enc));
  const block = sketch.slice(blockStart)
    .replace(/^(\s*)enc: \(left out\)$/gm, (_line, indent: string) => {
      const lines = (dataKeys.shift() ?? LEFT_OUT).trimEnd().split("\n");
      if (lines.length === 1) return `${indent}enc: ${LEFT_OUT}`;
      return [`${indent}enc: |`, ...lines.map((line) => `${indent}    ${line}`)].join("\n");
    })
    .replace(/^(\s*mac: ).*$/m, (_line, start: string) => start + made.mac);
  const values = text.slice(0, text.search(/^sops:/m));
  const hasListComments = SKETCHED_LIST_COMMENT.test(sketch);
  return (hasListComments ? values.replace(/^(\s+)#(ENC\[.*)$/gm, "$1- $2") : values) + block;
}

function sketchedText(values: string): string {
  return values.replace(SKETCHED_LIST_COMMENT, "# secret").replace(SKETCHED_VALUE, "secret");
}

if (import.meta.main) {
  for (const path of Deno.args) {
    const page = await Deno.readTextFile(path);
    const made = await encryptPage(page);
    if (made !== page) await Deno.writeTextFile(path, made);
  }
}
