/** Does the reader take the types that the table of fields names, and refuse others? */
import { UserError } from "../../../lib/base/error.ts";
import { lintSopsConfig } from "../../../lib/config/lint/lint.ts";
import {
  type FieldShape,
  type FieldTable,
  KEY_GROUP_FIELDS,
  RULE_FIELDS,
  TOP_LEVEL_FIELDS,
} from "../../../lib/config/rules/sops_fields.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { assertEquals } from "../../support/assert.ts";

/** A value of the shape, and one that is not. */
function examplesOf(shape: FieldShape): readonly [good: string, bad: string | undefined] {
  switch (shape.is) {
    case "text":
      return ["a", "[a]"];
    case "boolean":
      return ["true", "'a'"];
    case "integer":
      return ["3", "'3'"];
    case "keys":
      return ["[a]", "{a: b}"];
    case "list":
      return [`[${examplesOf(shape.of)[0]}]`, "a"];
    case "map": {
      const name = Object.keys(shape.fields).at(-1); // the first one of a key group holds groups again
      const [good] = name === undefined ? ["b"] : examplesOf(shape.fields[name]!.shape);
      return [`{${name ?? "a"}: ${good}}`, "[a]"];
    }
  }
}

/** Where a field stands in a file, `VALUE` for the field with its value. */
const PLACES: readonly (readonly [place: string, fields: FieldTable, frame: string])[] = [
  ["the top level", TOP_LEVEL_FIELDS, "{VALUE}"],
  ["a rule", RULE_FIELDS, "{creation_rules: [{VALUE}]}"],
  ["a key group", KEY_GROUP_FIELDS, "{creation_rules: [{key_groups: [{VALUE}]}]}"],
];

/** Nothing uses these, and SOPS takes any type of mapping for them. */
const UNREAD = new Set(["dotenv", "ini"]);

function isRead(source: string): boolean {
  try {
    parseSopsConfig(source, "/r/.sops.yaml");
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return false;
  }
}

for (const [place, fields, frame] of PLACES) {
  for (const [name, { shape }] of Object.entries(fields)) {
    Deno.test(`"${name}" of ${place} is known, with its type`, async () => {
      const [good, bad] = examplesOf(shape);
      const write = (value: string): string => frame.replace("VALUE", `${name}: ${value}`);
      assertEquals(isRead(write(good)), true, `refuses ${write(good)}`);
      if (bad !== undefined && !UNREAD.has(name)) assertEquals(isRead(write(bad)), false, `takes ${write(bad)}`);
      const { findings } = await lintSopsConfig(write(good), "/r/.sops.yaml", { place: "found", files: undefined });
      assertEquals(findings.filter(({ code }) => code === "unknown-key"), []);
      const warnings = parseSopsConfig(write(good), "/r/.sops.yaml").warnings;
      assertEquals(warnings, []);
    });
  }
}
