/**
 * The JSON Schemas: up to date, and right about what commands print and what SOPS reads.
 *
 * @module
 */
import { Ajv, type ValidateFunction } from "ajv";
import { parse } from "yaml";
import { COMMANDS } from "../../../lib/commands/command_table.ts";
import { lintSopsConfig } from "../../../lib/config/lint/lint.ts";
import type { LintCode } from "../../../lib/config/lint/code.ts";
import { readVaults } from "../../../lib/config/vaults/read.ts";
import { createSchemas, formatSchema } from "../../../scripts/schemas/schemas.ts";
import { decodeYaml } from "../../../lib/yaml/decode.ts";
import { LINT_CASES } from "../../config/lint/cases.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { CONFIG_FOLDERS, readConfigFiles } from "../../support/corpus.ts";
import { readCases } from "../../support/case_files.ts";
import { parsePage, type Step } from "../../support/case_page.ts";
import { testHost } from "../../support/test_host.ts";

const ROOT = new URL("../../../", import.meta.url);
const SCHEMAS = createSchemas();
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });

function compile(path: string): ValidateFunction {
  const schema = SCHEMAS.get(path);
  assert(schema !== undefined, `no schema ${path}`);
  return ajv.getSchema(String(schema["$id"])) ?? ajv.compile(schema);
}

/** @returns what a validator has against a value, as lines */
function problemsOf(validate: ValidateFunction, value: unknown): string[] {
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || "/"} ${message}`);
}

for (const [path, schema] of SCHEMAS) {
  Deno.test(`${path} is what scripts/schemas/schemas.ts writes`, async () => {
    assertEquals(
      await Deno.readTextFile(new URL(path, ROOT)),
      formatSchema(schema),
      "run: deno run -P scripts/schemas/schemas.ts",
    );
  });
}

Deno.test("schemas/ holds no file that scripts/schemas/schemas.ts does not write", () => {
  const found = ["schemas", "schemas/output"].flatMap((folder) =>
    [...Deno.readDirSync(new URL(folder, ROOT))].filter(({ isFile }) => isFile).map(({ name }) => `${folder}/${name}`)
  );
  assertEquals(found.sort(), [...SCHEMAS.keys()].sort());
});

/** The steps of all pages that print JSON, by the words of their command. */
async function readJsonSteps(): Promise<ReadonlyMap<string, readonly (readonly [page: string, value: unknown])[]>> {
  const words = COMMANDS.map((spec) => spec.words.join(" ")).sort((a, b) => b.length - a.length);
  const found = new Map<string, (readonly [string, unknown])[]>();
  for (const { name, text } of await readCases()) {
    for (const { command, expected } of parsePage(text).steps) {
      const typed = /\bsopsmith\s+(.*)$/.exec(command)?.[1] ?? "";
      const owner = words.find((each) => typed === each || typed.startsWith(`${each} `));
      if (owner === undefined || !/ --json\b/.test(typed)) continue;
      found.set(owner, [...found.get(owner) ?? [], [`${name}: ${command}`, JSON.parse(stdoutOf(expected))]]);
    }
  }
  return found;
}

function stdoutOf({ lines }: Step["expected"]): string {
  return lines.filter(({ stream }) => stream === "stdout").map(({ text }) => text).join("\n");
}

function outputPath(words: string): string {
  return `schemas/output/${words.replaceAll(" ", "-")}.schema.json`;
}

const JSON_STEPS = await readJsonSteps();

for (const [words, steps] of JSON_STEPS) {
  Deno.test(`what ${words} prints with --json fits its schema`, () => {
    const validate = compile(outputPath(words));
    for (const [name, value] of steps) assertEquals(problemsOf(validate, value), [], name);
  });
}

Deno.test("every schema of an output is checked against a case", () => {
  const checked = [...JSON_STEPS.keys()].map(outputPath);
  const unchecked = [...SCHEMAS.keys()].filter((path) => path.startsWith("schemas/output/") && !checked.includes(path));
  assertEquals(unchecked, []);
});

Deno.test("every command that prints JSON has a schema", () => {
  const printing = COMMANDS.filter(({ flags }) => "json" in flags).map(({ words }) => words.join(" "));
  const same = new Set(["secret keygen"]); // prints what keygen does
  assertEquals(printing.filter((words) => !same.has(words) && !SCHEMAS.has(outputPath(words))), []);
});

Deno.test("a schema of an output refuses other shapes", () => {
  const validate = compile("schemas/output/rules-list.schema.json");
  assert(problemsOf(validate, { config: "a", rules: [{ number: 0 }] }).length > 0);
  assert(problemsOf(validate, { config: "a" }).length > 0);
  assert(problemsOf(validate, { error: { kind: "odd", message: "", hints: [] } }).length > 0);
});

const SOPS_CONFIG = "schemas/sops-config.schema.json";

/** The kinds of mistakes that a schema can see. */
const VISIBLE: ReadonlySet<LintCode> = new Set(["bad-type", "ignored-age", "selector-conflict", "unknown-key"]);

function readAsEditors(source: string): unknown {
  return parse(source, { merge: true, uniqueKeys: false, logLevel: "silent" });
}

Deno.test("the schema of .sops.yaml takes every file of the corpus in which nothing of its kind is wrong", async () => {
  const validate = compile(SOPS_CONFIG);
  let taken = 0;
  for (const { name, content } of CONFIG_FOLDERS.flatMap(readConfigFiles)) {
    const source = decodeYaml(content, name).replace(/^\ufeff/, "").replace(/\r(?!\n)/g, "\n");
    const { findings } = await lintSopsConfig(source, name, { place: "found", files: undefined });
    if (findings.some(({ code }) => VISIBLE.has(code) || code === "second-document")) continue;
    assertEquals(problemsOf(validate, readAsEditors(source)), [], name);
    taken++;
  }
  assert(taken > 45, `only ${taken} files were looked at`);
});

for (const code of VISIBLE) {
  Deno.test(`the schema of .sops.yaml sees ${code}`, () => {
    const validate = compile(SOPS_CONFIG);
    for (const { name, source } of LINT_CASES[code].fires) {
      if (name === "at the top") continue; // any other key may hold anchors there
      assert(problemsOf(validate, readAsEditors(source)).length > 0, `${name} fits`);
    }
    for (const { name, source } of LINT_CASES[code].misses) {
      if (name === "yes as a boolean") continue; // a text for a schema
      assertEquals(problemsOf(validate, readAsEditors(source)), [], name);
    }
  });
}

const EVERY_VAULT_KEY = {
  base_path: ".",
  secrets: {
    vars: {},
    providers: {
      a: {
        kind: "sops/age",
        identity: "x",
        spec: {
          file: "a.yaml",
          path: "secrets",
          age_key_file: "keys.txt",
          recipients_file: ".sops.yaml",
          age_recipients: "",
          age_key: { store: "file", path: "keys.txt", value: "" },
        },
      },
      b: { kind: "sops/age", spec: { age_key: { store: "ring", path: "b" } } },
    },
  },
  stores: { ring: { type: "keychain", options: { service: "a", prefix: "b", stack_delimiter: "-" } } },
};

/** Adds a key that nobody knows to each mapping below `secrets` in turn, but for the one whose keys are names. */
function* withUnknownKeys(value: Record<string, unknown>, name = "secrets"): Generator<void> {
  if (name !== "providers" && name !== "vars") {
    value["unknown_key"] = "x";
    yield;
    delete value["unknown_key"];
  }
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === "object" && inner !== null) yield* withUnknownKeys(inner as Record<string, unknown>, key);
  }
}

Deno.test("the schema of sopsmith.yaml knows what the reader knows, and nothing else", async () => {
  const validate = compile("schemas/sopsmith-config.schema.json");
  const config = structuredClone(EVERY_VAULT_KEY);
  await using host = await testHost({ files: { ".git/HEAD": "", "sopsmith.yaml": "" } });
  const warningsOf = async (): Promise<number> => {
    await host.writeText("sopsmith.yaml", JSON.stringify(config));
    return (await readVaults(host, { configFiles: [], configPaths: [] })).warnings.length;
  };
  assertEquals(problemsOf(validate, config), []);
  assertEquals(await warningsOf(), 0);
  let tried = 0;
  for (const _ of withUnknownKeys(config.secrets)) {
    assert(problemsOf(validate, config).length > 0, JSON.stringify(config));
    assertEquals(await warningsOf(), 1, JSON.stringify(config));
    tried++;
  }
  assertEquals(tried, 7);
});
