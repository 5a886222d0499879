/** `rules list` and `rules explain`: what they print. */
import { rulesExplain } from "../../../lib/commands/rules/explain.ts";
import { rulesList } from "../../../lib/commands/rules/list.ts";
import { Report, type ReportFormat } from "../../../lib/base/show/report.ts";
import type { Host } from "../../../lib/base/host/host.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertUserError } from "../../support/assert.ts";
import { osError, type TestHost, testHost } from "../../support/test_host.ts";

const K1 = "age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8";
const K2 = "age13k8kz6sc28j46rgleh9sfaxucup2gg73wyfvlr6xykw0a9r6ryys38ts8c";
const K3 = "age1xwdd0y2uylukmqs34fft8gxdyucyvqqnmqaeq9c7d5zng4sp7syszhdzkg";

const CONFIG = `keys:
  - &isabel ${K1}
  - &minerva ${K2}
creation_rules:
  - path_regex: secrets/isabel\\.yaml$
    age: *isabel
  - path_regex: secrets/services/[^/]+\\.yaml$
    encrypted_regex: ^data$
    key_groups:
      - age: [*isabel, *minerva, ${K3}]
        pgp: [ABCDEF0123456789ABCDEF0123456789ABCDEF01]
  - path_regex: two/
    key_groups:
      - age: [*isabel]
      - age: [*minerva]
`;

/** Encrypted for {@link K1}. */
const ENCRYPTED = Deno.readTextFileSync(new URL("../../vectors/sops/enc/simple.yaml", import.meta.url));

function repository(files: Record<string, string> = {}, env: Record<string, string> = {}): Promise<TestHost> {
  return testHost({ files: { ".git/HEAD": "", ".sops.yaml": CONFIG, ...files }, env });
}

type Body = typeof rulesExplain | typeof rulesList;

async function run(
  body: Body,
  host: TestHost,
  args: string[],
  options: { config?: string; format?: ReportFormat; at?: Host } = {},
): Promise<{ code: number; out: string; err: string }> {
  const flags = options.config === undefined ? {} : { config: options.config };
  const at = options.at ?? host;
  const code = await body(flags, args, { host: at, report: new Report(at, options.format) });
  return { code, out: host.written("stdout"), err: host.written("stderr") };
}

/** The text without the indentation of its first line, which is empty. */
function text(page: TemplateStringsArray): string {
  const [, ...lines] = (page.raw[0] ?? "").split("\n");
  const indent = /^ */.exec(lines[0] ?? "")?.[0].length ?? 0;
  return lines.map((line) => line.slice(indent)).join("\n");
}

Deno.test("rules explain shows the rules up to the winner, its recipients by name and the differences", async () => {
  await using host = await repository({ "secrets/services/db.yaml": ENCRYPTED });
  assertEquals(await run(rulesExplain, host, ["secrets/services/db.yaml"]), {
    code: 0,
    err: "",
    out: text`
      config  .sops.yaml (nearest above the file)
      path    secrets/services/db.yaml
      rule 1  secrets/isabel\.yaml$          no
      rule 2  secrets/services/[^/]+\.yaml$  yes, wins
              isabel   age1nnex…4pfg8
              minerva  age13k8k…8ts8c
              age1xwdd…hdzkg
              pgp ABCDEF01…DEF01
              encrypted_regex ^data$
      file    encrypted for isabel only; minerva, age1xwdd…hdzkg and pgp ABCDEF01…DEF01 are missing
      `,
  });
});

Deno.test("rules explain takes several files and shows key groups", async () => {
  await using host = await repository({ "two/x.yaml": ENCRYPTED, "secrets/isabel.yaml": ENCRYPTED });
  assertEquals(await run(rulesExplain, host, ["two/x.yaml", "secrets/isabel.yaml"]), {
    code: 0,
    err: "",
    out: text`
      two/x.yaml
      config  .sops.yaml (nearest above the file)
      path    two/x.yaml
      rule 1  secrets/isabel\.yaml$          no
      rule 2  secrets/services/[^/]+\.yaml$  no
      rule 3  two/                           yes, wins
              a reader needs a key of 2 of 2 groups
              group 1
                isabel  age1nnex…4pfg8
              group 2
                minerva  age13k8k…8ts8c
      file    encrypted for isabel only; minerva is missing; a reader needs keys of 1 group, the rule says 2

      secrets/isabel.yaml
      config  .sops.yaml (nearest above the file)
      path    secrets/isabel.yaml
      rule 1  secrets/isabel\.yaml$  yes, wins
              isabel  age1nnex…4pfg8
      file    encrypted for isabel, as the rule says
      `,
  });
});

Deno.test("rules explain ends with 1 for a file that no rule matches", async () => {
  await using host = await repository({ "plain.yaml": "a: 1\n" });
  const { code, out } = await run(rulesExplain, host, ["plain.yaml"]);
  assertEquals(code, 1);
  assertStringIncludes(
    out,
    "rule 3  two/                           no\n        no rule matches: sops refuses to encrypt it\n",
  );
  assertStringIncludes(out, "file    not encrypted\n");
});

Deno.test("rules explain takes files that do not exist, also in folders that do not exist", async () => {
  await using host = await repository();
  const { code, out } = await run(rulesExplain, host, ["two/new/x.yaml"]);
  assertEquals(code, 0);
  assertStringIncludes(out, "file    does not exist yet\n");
});

Deno.test("rules explain names who is in the file but not in the rule", async () => {
  const config = `keys:\n  - &isabel ${K1}\ncreation_rules:\n  - age: ${K3}\n  - path_regex: never\n    age: ${K2}\n`;
  await using host = await repository({ ".sops.yaml": config, "a.yaml": ENCRYPTED });
  const { out } = await run(rulesExplain, host, ["a.yaml"]);
  assertStringIncludes(out, "rule 1  (every file)  yes, wins\n        age1xwdd…hdzkg\n");
  assertStringIncludes(
    out,
    "file    encrypted for isabel only; age1xwdd…hdzkg is missing; isabel is not in the rule\n",
  );
  assert(!out.includes("never"), "rules behind the winner are not asked");
});

Deno.test("rules explain says where sops itself would use another config", async () => {
  const warning = (rest: string): string =>
    `warning: sops itself, started here, ${rest}: it searches from the current folder, not from the file `;
  const joined = (text: string): string => text.replace(/\n */g, " ");
  await using host = await repository({ "sub/.sops.yaml": CONFIG });
  assertEquals(joined((await run(rulesExplain, host, ["sub/two/x"])).err), warning("would use .sops.yaml"));
  await using bare = await testHost({ files: { "sub/.sops.yaml": CONFIG } });
  assertEquals(joined((await run(rulesExplain, bare, ["sub/two/x"])).err), warning("would find no .sops.yaml"));
  await using inside = await repository({ "sub/.sops.yaml": CONFIG });
  assertEquals((await run(rulesExplain, inside, ["two/x"], { at: inside.in("sub") })).err, "");
});

Deno.test("rules explain takes the config of --config, else of SOPS_CONFIG", async () => {
  await using host = await repository({ "other.yaml": CONFIG, "third.yaml": CONFIG }, { SOPS_CONFIG: "other.yaml" });
  const { out, err } = await run(rulesExplain, host, ["two/x"]);
  assertStringIncludes(out, "config  other.yaml (named by SOPS_CONFIG)\n");
  const flagged = await run(rulesExplain, host, ["two/x"], { config: "third.yaml" });
  assertStringIncludes(flagged.out, "config  third.yaml (named by --config)\n");
  assertEquals([err, flagged.err], ["", ""]);
});

Deno.test("rules explain --json holds everything, keys in full", async () => {
  await using host = await repository({ "two/x.yaml": ENCRYPTED });
  const { code, out } = await run(rulesExplain, host, ["two/x.yaml", "two/new", ".git/HEAD"], { format: "json" });
  const [encrypted, absent, plain] = JSON.parse(out).files;
  assertEquals(code, 1);
  assertEquals(encrypted.config, { path: host.path(".sops.yaml"), reason: "nearest" });
  assertEquals([encrypted.file, encrypted.path, encrypted.state], [host.path("two/x.yaml"), "two/x.yaml", "encrypted"]);
  assertEquals(encrypted.rules[2], { number: 3, line: 12, pathRegex: "two/", matches: true });
  const isabel = { type: "age", text: K1, name: "isabel", you: false };
  const minerva = { type: "age", text: K2, name: "minerva", you: false };
  assertEquals([encrypted.winner.number, encrypted.winner.groups], [3, [[isabel], [minerva]]]);
  assertEquals(encrypted.readers, [[isabel]]);
  const threshold = { file: 1, rule: 2 };
  assertEquals(encrypted.differences, { missing: [{ ...minerva, group: 2 }], extra: [], threshold });
  assertEquals([absent.state, absent.readers, absent.differences], ["absent", null, null]);
  assertEquals([plain.state, plain.winner, plain.readers], ["plain", null, null]);
});

Deno.test("rules explain fails without a file, for a folder, without a config", async () => {
  await using host = await repository({ "two/x": "" });
  assertUserError(await assertRejects(() => run(rulesExplain, host, [])), "usage", /no file/);
  assertUserError(await assertRejects(() => run(rulesExplain, host, ["two"])), "usage", /is a folder/);
  const named = await assertRejects(() => run(rulesExplain, host, ["two/x"], { config: "absent.yaml" }));
  assertUserError(named, "not-found", /absent\.yaml": no such file/);
  assertEquals(host.written("stdout"), "");
});

Deno.test("rules explain tells why a file cannot be looked at", async () => {
  await using host = await testHost({
    files: { ".sops.yaml": CONFIG },
    beforeFileOperation(_operation, path) {
      if (path.endsWith("/two/x")) throw osError("EACCES");
    },
  });
  assertUserError(await assertRejects(() => run(rulesExplain, host, ["two/x"])), "denied", /permission denied/);
});

Deno.test("rules explain does not take a config above the repository, or one named .sops.yml", async () => {
  await using host = await testHost({
    files: { ".sops.yaml": CONFIG, "repo/.git/HEAD": "", "repo/.sops.yml": CONFIG },
  });
  const error = assertUserError(await assertRejects(() => run(rulesExplain, host, ["repo/two/x"])), "not-found");
  assertEquals(error.hints, [
    `rename "${host.path("repo/.sops.yml")}" to ".sops.yaml": SOPS reads no other name`,
    `pass --config "${host.path(".sops.yaml")}" to use the one above the repository`,
  ]);
});

Deno.test("rules explain fails with the place for a config or pattern that SOPS would refuse", async () => {
  await using host = await repository({ ".sops.yaml": "creation_rules:\n  - path_regex: (a\n" });
  const error = assertUserError(await assertRejects(() => run(rulesExplain, host, ["a"])), "malformed", /rule 1/);
  assertEquals(error.location?.line, 2);
});

Deno.test("rules list shows every rule with its recipients by name", async () => {
  await using host = await repository();
  assertEquals(await run(rulesList, host, []), {
    code: 0,
    err: "",
    out: text`
      config  .sops.yaml
      rule 1  line 5   secrets/isabel\.yaml$          isabel
      rule 2  line 7   secrets/services/[^/]+\.yaml$  isabel, minerva, age1xwdd…hdzkg, pgp ABCDEF01…DEF01  (encrypted_regex ^data$)
      rule 3  line 12  two/                           isabel | minerva                                     (a reader needs a key of 2 of 2 groups)
      `,
  });
});

Deno.test("rules list shows rules without pattern or recipients, and a config without rules", async () => {
  await using host = await repository({ ".sops.yaml": "creation_rules:\n  - mac_only_encrypted: true\n" });
  assertStringIncludes(
    (await run(rulesList, host, [])).out,
    "rule 1  line 2  (every file)  nobody  (mac_only_encrypted)\n",
  );
  await using empty = await repository({ ".sops.yaml": "stores: {}\n" });
  assertEquals((await run(rulesList, empty, [])).out, "config  .sops.yaml\nno creation rules\n");
});

Deno.test("rules list --json holds everything, keys in full", async () => {
  await using host = await repository();
  const { rules, config } = JSON.parse((await run(rulesList, host, [], { format: "json" })).out);
  assertEquals([config, rules.length], [host.path(".sops.yaml"), 3]);
  assertEquals(rules[0], {
    number: 1,
    line: 5,
    pathRegex: "secrets/isabel\\.yaml$",
    groups: [[{ type: "age", text: K1, name: "isabel", you: false }]],
    shamirThreshold: null,
    selectors: {},
    macOnlyEncrypted: false,
  });
});

Deno.test("rules list warns of what is odd about the config", async () => {
  await using host = await repository({ ".sops.yaml": `creation_rules:\n  - age: ${K1}\n    path-regex: x\n` });
  assert(/^warning: \.sops\.yaml:3: .*path-regex/.test((await run(rulesList, host, [])).err), host.written("stderr"));
});
