import { UserError } from "../../../lib/base/error.ts";
import { lintSopsConfig } from "../../../lib/config/lint/lint.ts";
import { planFixes } from "../../../lib/config/lint/fix.ts";
import { decodeYaml } from "../../../lib/yaml/decode.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { HAS_CORPUS, readConfigFiles } from "../../support/corpus.ts";

const TESTS = new URL("../../", import.meta.url);

/** Real and own files, and those that SOPS refuses. */
const FOLDERS = ["corpus", "corpus_own", "corpus_own/refused", "corpus_own/stricter"] as const;

/** What is found in each file, one line for each finding. `SOPSMITH_UPDATE=1` rewrites it. */
const GOLDEN = new URL("config/lint_corpus.txt", TESTS);

const SURROUNDINGS = { place: "found", files: undefined } as const;

interface CorpusFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

function readCorpus(): CorpusFile[] {
  return FOLDERS.flatMap((folder) => {
    return readConfigFiles(folder).map(({ name, content }) => ({ name: `${folder}/${name}`, bytes: content }));
  });
}

async function describe({ name, bytes }: CorpusFile): Promise<string> {
  try {
    const { findings } = await lintSopsConfig(decodeYaml(bytes, name), name, SURROUNDINGS);
    const lines = findings.map(({ lineNumber, column, severity, code, message }) =>
      `  ${lineNumber}:${column} ${severity} ${code}: ${message}\n`
    );
    return `${name}\n${lines.join("")}`;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `${name}\n  not YAML: ${error.message.replace(`cannot read "${name}": `, "")}\n`;
  }
}

Deno.test("lintSopsConfig() finds in the corpus what was looked at and found right", async () => {
  const found = (await Promise.all(readCorpus().map(describe))).join("");
  if (Deno.env.get("SOPSMITH_UPDATE") === "1") {
    assert(HAS_CORPUS, "what is found in the real files would get lost");
    await Deno.writeTextFile(GOLDEN, found);
  }
  const expected = await Deno.readTextFile(GOLDEN);
  assertEquals(found, HAS_CORPUS ? expected : expected.slice(expected.indexOf("\ncorpus_own/") + 1));
});

Deno.test("planFixes() repairs the corpus so that a second run changes nothing", async () => {
  let repaired = 0;
  for (const { name, bytes } of readCorpus()) {
    if (!/^corpus(?:_own)?\/[^/]+$/.test(name)) continue;
    const source = decodeYaml(bytes, name);
    const only = new Set(["duplicate-recipient", "list-needs-3.11", "windows-path"] as const);
    const once = await planFixes(source, name, { surroundings: SURROUNDINGS, only });
    if (once.source !== source) repaired++;
    assertEquals((await planFixes(once.source, name, { surroundings: SURROUNDINGS, only })).source, once.source);
  }
  assert(repaired > 30, `only ${repaired} files were repaired`);
});
