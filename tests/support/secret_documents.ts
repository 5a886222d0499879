/**
 * Random files of every format that SOPS knows, as people may write them, with values that a test can look for.
 *
 * @module
 */
import { type Choices, makeDocument } from "./yaml_documents.ts";

/** Part of values that must never be shown where they do not belong. Test data. */
export const CANARY = "cAnArY";

/** A plain file. */
export interface SecretDocument {
  /** Its name, which tells the format. */
  readonly name: string;
  readonly text: string;
}

/** The formats, as the ends of names. */
export const ENDINGS = ["yaml", "json", "env", "ini", "bin"] as const;

/** The end of a name. */
export type Ending = typeof ENDINGS[number];

/** What is left out of YAML files. */
export interface SecretDocumentOptions {
  /** No anchors, no several documents, no `<<`. */
  readonly isSimple?: boolean;
}

/** @returns a random file */
export function makeSecretDocument(
  choices: Choices,
  ending: Ending = choices.pick(ENDINGS),
  options: SecretDocumentOptions = {},
): SecretDocument {
  return { name: `file.${ending}`, text: WRITERS[ending](choices, options) };
}

const WRITERS: Readonly<Record<Ending, (choices: Choices, options: SecretDocumentOptions) => string>> = {
  yaml: makeYaml,
  json: makeJson,
  env: makeDotenv,
  ini: makeIni,
  bin: (choices) => `${text(choices)}\n\u0000\u0001${text(choices)}`,
};

/** Texts that some syntax makes something of. */
const TEXTS = [
  "plain",
  "two words",
  "ünï çödé",
  "😀 emoji",
  "日本語",
  "yes",
  "0777",
  "null",
  "#no comment",
  "a: b",
  "- c",
  "q'q",
  'd"d',
  "back\\slash",
  "tab\tinside",
  "ENC[not]",
  "x=y",
  "a;b",
  "1:30",
  "{}",
  "line one\nline two",
  "line\n\n",
  " spaces ",
  "\u00a0nbsp",
] as const;

/** @returns a text; every third one is a canary */
function text(choices: Choices): string {
  return choices.once(3) ? `${CANARY}${choices.below(1000)}` : choices.pick(TEXTS);
}

const NUMBERS = ["0", "1", "-17", "5432", "9223372036854775807", "1.5", "1e3", "-0.25", "0.0000001"] as const;

function makeJson(choices: Choices): string {
  let count = 0;
  const value = (depth: number): unknown => {
    const kind = choices.below(depth > 2 ? 4 : 6);
    if (kind === 0) return Number(choices.pick(NUMBERS.filter((number) => number.length < 10)));
    if (kind === 1) return choices.pick([true, false, null, ""]);
    if (kind < 4) return text(choices);
    if (kind === 4) return Array.from({ length: choices.below(4) }, () => value(depth + 1));
    return mapping(depth + 1);
  };
  const mapping = (depth: number): Record<string, unknown> => {
    const pairs = Array.from(
      { length: 1 + choices.below(4) },
      () => [jsonKey(choices, count++), value(depth)] as const,
    );
    return Object.fromEntries(pairs);
  };
  const made = { ...mapping(0), secret: `${CANARY}${choices.below(1000)}` };
  return JSON.stringify(made, undefined, choices.pick([undefined, 2, "\t"])) + (choices.once(3) ? "" : "\n");
}

function jsonKey(choices: Choices, count: number): string {
  return `${choices.pick(["k", "kéy", "with space", "", "<&>", "a.b", "10"])}${count}${
    choices.once(8) ? "_unencrypted" : ""
  }`;
}

function makeDotenv(choices: Choices): string {
  let made = `SECRET=${CANARY}${choices.below(1000)}\n`;
  for (let i = 0, length = choices.below(8); i < length; i++) {
    const line = text(choices).replaceAll("\n", "\\n");
    made += choices.once(4) ? `#${choices.once(3) ? "pick" : line}\n` : choices.once(6) ? "\n" : `KEY_${i}=${line}\n`;
  }
  return made;
}

function makeIni(choices: Choices): string {
  let made = choices.once(2) ? `top = ${CANARY}${choices.below(1000)}\n` : "";
  for (let section = 0, sections = 1 + choices.below(3); section < sections; section++) {
    made += `${choices.once(2) ? "\n" : ""}[section ${section}]\n`;
    for (let i = 0, length = choices.below(5); i < length; i++) {
      const line = text(choices).replaceAll(/[\n\\`"';#]/g, "_").trim();
      if (choices.once(4)) made += `${choices.pick(["; ", "# ", "#"])}${choices.pick(["comment", "pick"])} ${i}\n`;
      made += `key${i}${choices.pick(["=", " = ", ": "])}${line}\n`;
    }
    made += `secret = ${CANARY}${choices.below(1000)}\n`;
  }
  return made;
}

/** Lines that hold one feature each; `@` stands for a number that makes names distinct. */
const YAML_LINES = [
  `secret@: ${CANARY}@\n`,
  `secret@: '${CANARY}@'   # behind ${CANARY}\n`,
  `secret@: "${CANARY}@ \\u00e9"\n`,
  `secret@: |\n  ${CANARY}@\n    more\n`,
  `secret@: >-\n  ${CANARY}@\n  folded\n`,
  `flow@: {a: ${CANARY}@, "b": [1, 'x, y', ${CANARY}], c: }\n`,
  `list@:\n  # first ${CANARY}\n  - ${CANARY}@\n  - 2\n  # between\n  - k: v # behind\n    w: z\n  # last\n`,
  `list@:\n- a\n- - b\n  - c\n- {}\n- []\n`,
  `uni@: ünï 日本語\n`,
  `uni@: "😀 \\U0001F600"\n`,
  `number@: 0x1F\n`,
  `number@: 9223372036854775807\n`,
  `number@: 1e3\n`,
  `number@: -0.5\n`,
  `number@: .inf\n`,
  `tagged@: !!str 12\n`,
  `tagged@: !custom ${CANARY}@\n`,
  `tagged@: !!float 3\n`,
  `time@: 2024-01-02T03:04:05Z\n`,
  `quoted@: "10"\n`,
  `"key: # @": odd\n`,
  `'1@': numeric\n`,
  `? explicit@\n: ${CANARY}\n`,
  `open@_unencrypted: {a: [1, two], b: three}\n`,
  `open@_unencrypted:\n  - one\n  # clear ${CANARY}\n  - x: 2\n`,
  `empty@: ""\n`,
  `nothing@:\n`,
  `nothing@: ~ # why\n`,
  `multi@: one\n  two\n`,
  `\n# a comment ${CANARY} @\n\n`,
  `# pick @\nsecret@: ${CANARY}@\nafter@: two\n`,
  `# pick\ngroup@:\n  # of it\n  secret: ${CANARY}@\n  list:\n    # pick\n    - ${CANARY}@\n    - clear\n`,
  `beside@: ${CANARY}@ # pick\nnext@: 1\n`,
] as const;

const YAML_REFERENCES = [
  `base@: &b@ {x: ${CANARY}@, y: 2}\nref@: *b@\n`,
  `base@: &b@\n  x: ${CANARY}\nmerged@:\n  <<: *b@\n  own: 1\n`,
  `scalar@: &s@ ${CANARY}@\nlist@:\n  - *s@\n  - x\n`,
  `open@_unencrypted: &o@ [1, 2]\nother@_unencrypted: *o@\n`,
] as const;

function makeYaml(choices: Choices, { isSimple = false }: SecretDocumentOptions): string {
  let count = 0;
  const part = (): string => {
    let made = "";
    for (let left = 1 + choices.below(5); left > 0; left--) {
      const isReference = !isSimple && choices.once(5);
      const line = isReference ? choices.pick(YAML_REFERENCES) : choices.pick(YAML_LINES);
      made += line.replaceAll("@", String(count++));
    }
    if (choices.once(2)) return made;
    const nested = makeDocument(choices, { hasComments: choices.once(2) });
    return made + (/\n$/.test(nested) ? nested : `${nested}\n`);
  };
  let made = choices.once(8) ? `---\n${part()}` : part();
  if (!isSimple && choices.once(8)) made += `---\n${part()}`;
  if (choices.once(12)) made = made.replaceAll("\n", "\r\n");
  return made;
}
