import type { Os } from "../../../lib/base/host/host.ts";
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import { findNarrowerRules, findSamples } from "../../../lib/repository/rules/rule_samples.ts";
import { assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { pathsOf } from "../../support/paths.ts";

/** A file with a rule for each pattern. */
function configOf(os: Os, ...patterns: readonly string[]): ReturnType<typeof parseSopsConfig> {
  const rules = patterns.map((pattern) => `- {path_regex: '${pattern}', age: x}\n`).join("");
  const path = os === "windows" ? "C:\\r\\.sops.yaml" : "/r/.sops.yaml";
  return parseSopsConfig(`creation_rules:${rules === "" ? " []" : `\n${rules}`}`, path);
}

/** What is made up for a pattern behind rules that are narrower. */
async function samplesOf(pathRegex: string, narrower: readonly string[] = [], os: Os = "linux"): Promise<string> {
  const config = configOf(os, ...narrower);
  const question = { config, pathRegex, narrower: findNarrowerRules(config, pathRegex), example: undefined };
  return (await findSamples({ paths: pathsOf(os) }, question))[0];
}

const SAMPLES: readonly (readonly [pattern: string, narrower: readonly string[], sample: string])[] = [
  [String.raw`^secrets/.*\.yaml$`, [], "secrets/x.yaml"],
  ["^secrets/", [], "secrets/x.yaml"],
  ["/secrets/", [], "x/secrets/x.yaml"],
  [".*", [], "x.yaml"],
  [String.raw`\.enc\.json$`, [], "x.enc.json"],
  ["secrets$", [], "secrets"],
  ["^a/", [String.raw`^a/x\.yaml$`], "a/new.yaml"],
  ["^a/b$", ["^c"], "a/b"],
  ["(?i).+", [], "x.yaml"],
];

for (const [pattern, narrower, sample] of SAMPLES) {
  Deno.test(`findSamples() of ${pattern} without ${JSON.stringify(narrower)}`, async () => {
    assertEquals(await samplesOf(pattern, narrower), sample);
  });
}

Deno.test("findSamples() writes paths as Windows does", async () => {
  assertEquals(await samplesOf(String.raw`^secrets[/\\][^/\\]+\.yaml$`, [], "windows"), String.raw`secrets\x.yaml`);
  const error = await assertRejects(() => samplesOf("^secrets/", [], "windows"));
  assertEquals(assertUserError(error, "usage").hints, [
    String.raw`write [/\\] for /: on Windows, SOPS compares paths with backslashes`,
  ]);
});

Deno.test("findSamples() refuses a pattern of which narrower rules leave nothing", async () => {
  assertUserError(await assertRejects(() => samplesOf("^a", ["^a[b-z]", "^a[^b-z]", "^a$"])), "refused", /never win/);
});

Deno.test("findSamples() refuses a pattern that does not compile, and an example that does not match", async () => {
  assertUserError(await assertRejects(() => samplesOf("a(")), "malformed", /missing closing/);
  const question = { config: configOf("linux"), pathRegex: "^a", narrower: [], example: "/r/b" };
  assertUserError(await assertRejects(() => findSamples({ paths: pathsOf("linux") }, question)), "usage", /"b"/);
});

Deno.test("findNarrowerRules() finds what is proved to be narrower", () => {
  const config = configOf("linux", "^a/b", "a/", "(?i)^a/", ".*", "^a/");
  assertEquals(findNarrowerRules(config, "^a/").map(({ index }) => index), [0, 4]);
  assertEquals(findNarrowerRules(config, "(?i)a"), []);
});
