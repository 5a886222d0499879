/** What `check --sarif` prints holds to SARIF 2.1.0: to what forges need of it, and, where it is at hand, to the schema of OASIS. */
import { Ajv } from "ajv";
import { run } from "../../../main.ts";
import { EXIT } from "../../../lib/base/exit_code.ts";
import { TEST_X25519 } from "../../keys/test_keys.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { testHost } from "../../support/test_host.ts";

/** The schema's file, which is not part of the repository: its licence is not that of the project. */
const SCHEMA_PATH = Deno.env.get("SOPSMITH_SARIF_SCHEMA");

/** The parts of a log that are looked at. */
interface SarifLog {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] } };
    readonly invocations: readonly { readonly executionSuccessful: boolean }[];
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
          readonly region: { readonly startLine: number };
        };
      }[];
    }[];
  }[];
}

/** @returns a log with findings of both tables, a name that needs escapes, and a file that cannot be read */
async function makeLog(): Promise<SarifLog> {
  await using host = await testHost({
    files: {
      ".sops.yaml": `creation_rules:\n  - path_regex: ^secrets/\n    age: ${TEST_X25519.recipient}\n    agee: x\n`,
      "secrets/with blank & ü.yaml": "\npassword: hunter2\n",
      "keys.txt": `# test key\n${TEST_X25519.identity}\n`,
    },
  });
  assertEquals(await run(["check", "--sarif", ".", "none.yaml"], host), EXIT.differences);
  return JSON.parse(host.written("stdout"));
}

Deno.test("check --sarif gives every finding a known rule and a place below the root", async () => {
  const { version, runs: [first, ...rest] } = await makeLog();
  assertEquals([version, rest.length], ["2.1.0", 0]);
  const { tool: { driver }, results, invocations } = first!;
  assertEquals(driver.name, "sopsmith");
  assertEquals(invocations.map(({ executionSuccessful }) => executionSuccessful), [false]);
  const ids = driver.rules.map(({ id }) => id);
  assertEquals(new Set(ids).size, ids.length);
  for (const { ruleId, ruleIndex } of results) assertEquals(ids[ruleIndex], ruleId);
  assertEquals(
    results.map(({ ruleId, level, locations: [place] }) => {
      const { artifactLocation: { uri, uriBaseId }, region } = place!.physicalLocation;
      return [ruleId, level, uri, uriBaseId, region.startLine];
    }),
    [
      ["unknown-key", "error", ".sops.yaml", "%SRCROOT%", 4],
      ["age-identity", "error", "keys.txt", "%SRCROOT%", 2],
      ["plaintext", "error", "secrets/with%20blank%20%26%20%C3%BC.yaml", "%SRCROOT%", 2],
    ],
  );
  for (const { message } of results) assert(message.text.length > 0 && !message.text.includes("hunter2"));
});

Deno.test({
  name: `check --sarif is valid against the schema of OASIS${SCHEMA_PATH ? "" : " [needs SOPSMITH_SARIF_SCHEMA]"}`,
  ignore: !SCHEMA_PATH,
  async fn() {
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    // Its draft 4 of JSON Schema differs in nothing that it uses but the names of these two.
    const { $schema: _, id: __, ...schema } = JSON.parse(await Deno.readTextFile(SCHEMA_PATH!));
    const validate = ajv.compile(schema);
    assert(validate(await makeLog()), ajv.errorsText(validate.errors));
    assert(!validate({ version: "2.1.0" }), "the schema refuses what is no log");
  },
});
