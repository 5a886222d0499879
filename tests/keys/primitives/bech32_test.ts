import { bech32 } from "@scure/base";
import { type Bech32, decodeBech32, encodeBech32 } from "../../../lib/keys/primitives/bech32.ts";
import { assertEquals } from "../../support/assert.ts";
import fc from "../../support/property.ts";

/** BIP-173: the valid texts that hold a whole number of bytes. */
const VALID: Readonly<Record<string, { prefix: string; bytes: number }>> = {
  "A12UEL5L": { prefix: "a", bytes: 0 },
  "a12uel5l": { prefix: "a", bytes: 0 },
  "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs": {
    prefix: "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio",
    bytes: 0,
  },
  "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w": { prefix: "split", bytes: 30 },
  "?1ezyfcl": { prefix: "?", bytes: 0 },
};

/** BIP-173: the invalid texts, but for those whose only fault is a length of more than 90, a limit that age has not. */
const INVALID: Readonly<Record<string, string>> = {
  "a human-readable part with a space": "\u00201nwldj5",
  "a human-readable part with DEL": "\u007f1axkwrx",
  "a human-readable part outside ASCII": "\u00801eym55h",
  "no separator": "pzry9x0s0muk",
  "no human-readable part": "1pzry9x0s0muk",
  "a character outside the alphabet": "x1b4n0q5v",
  "a short checksum": "li1dgmt3",
  "a character outside ASCII in the checksum": "de1lg7wt\u00ff",
  "a checksum over the upper-case prefix": "A1G7SGD8",
  "an empty human-readable part": "10a06t8",
  "a separator and nothing before it": "1qzzfhee",
  "mixed case": "A12uEL5L",
};

for (const [text, { prefix, bytes }] of Object.entries(VALID)) {
  Deno.test(`decodeBech32() reads the BIP-173 vector ${text.slice(0, 12)}`, () => {
    const decoded = decodeBech32(text);
    assertEquals(decoded?.prefix, prefix);
    assertEquals(decoded?.bytes.length, bytes);
  });
}

for (const [what, text] of Object.entries(INVALID)) {
  Deno.test(`decodeBech32() refuses ${what}`, () => assertEquals(decodeBech32(text), undefined));
}

Deno.test("decodeBech32() refuses a Bech32m checksum", () => assertEquals(decodeBech32("a1lqfn3a"), undefined));

Deno.test("decodeBech32() refuses a letter that becomes ASCII in lower case", () => {
  assertEquals(decodeBech32("A12UEL5L".replace("A", "\u212a")), undefined);
});

Deno.test("decodeBech32() and encodeBech32() are inverse, without a limit of length", () => {
  fc.assert(fc.property(
    fc.stringMatching(/^[a-z0-9+\-._]{1,20}$/),
    fc.uint8Array({ maxLength: 1300 }),
    (prefix, bytes) => {
      const text = encodeBech32({ prefix, bytes });
      assertEquals(decodeBech32(text), { prefix, bytes });
      assertEquals(decodeBech32(text.toUpperCase()), { prefix, bytes });
    },
  ));
});

Deno.test("decodeBech32() agrees with another implementation, whatever the words and the checksum", () => {
  const words = fc.array(fc.nat(31), { maxLength: 60 });
  const prefix = fc.constantFrom("age", "age1x", "age-secret-key-", "a1");
  const changes = fc.array(fc.tuple(fc.nat(), fc.string({ minLength: 1, maxLength: 1 })), { maxLength: 1 });
  fc.assert(
    fc.property(prefix, words, changes, (start, content, changed) => {
      let text = bech32.encode(start, content, false) as string;
      for (const [at, character] of changed) {
        const index = at % text.length;
        text = text.slice(0, index) + character + text.slice(index + 1);
      }
      const decoded = decodeBech32(text);
      assertEquals(decoded, decodeElsewhere(text));
      if (decoded !== undefined && text === text.toLowerCase()) assertEquals(encodeBech32(decoded), text);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("encodeBech32() agrees with another implementation", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 1300 }), (bytes) => {
    assertEquals(encodeBech32({ prefix: "age", bytes }), bech32.encode("age", bech32.toWords(bytes), false) as string);
  }));
});

Deno.test("decodeBech32() finds every single changed letter", () => {
  const text = encodeBech32({ prefix: "age", bytes: new Uint8Array(32) });
  for (let i = "age1".length; i < text.length; i++) {
    const changed = `${text.slice(0, i)}${text[i] === "p" ? "z" : "p"}${text.slice(i + 1)}`;
    assertEquals(decodeBech32(changed), undefined);
  }
});

function decodeElsewhere(text: string): Bech32 | undefined {
  try {
    const { prefix, words } = bech32.decode(text as `${string}1${string}`, false);
    return { prefix, bytes: bech32.fromWords(words) };
  } catch {
    return undefined;
  }
}
