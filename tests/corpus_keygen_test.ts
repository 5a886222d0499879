/**
 * `keygen` on real `.sops.yaml` files and on files of odd layouts, as they are and in variants: text is only ever put in,
 * the new rule takes effect, and every other path resolves to what it resolved to before.
 *
 * What real sops makes of the results is asked in `interop/keygen_corpus_test.ts`.
 *
 * @module
 */
import { assert, assertEquals } from "./support/assert.ts";
import { CONFIG_FOLDERS, type ConfigFile, readConfigFiles } from "./support/corpus.ts";
import {
  countExtendedLines,
  keygenIn,
  type KeygenRun,
  plainValueOf,
  probePaths,
  repositoryOf,
  resolutionOf,
  rulesOf,
  VAULT_FILE,
} from "./support/interop_config.ts";

/** Files in which `[]` or `~` gives way to the first rule, with the line that is left. */
const WITHOUT_RULES: Readonly<Record<string, readonly [before: string, after: string]>> = {
  "empty_rules.sops.yaml": ["creation_rules: []  # to come", "creation_rules:  # to come"],
  "tilde_rules.sops.yaml": ["creation_rules: ~ # to come", "creation_rules: # to come"],
};

/**
 * Files in which a recipient joins a rule by more than text put in: what the rule shares by alias becomes its own copy,
 * and a plain text in brackets needs quotes once it holds a comma.
 */
const REWRITTEN_BY_JOINING = new Set([
  "alias_key_groups.sops.yaml",
  "alias_string.sops.yaml",
  "alias_whole_group.sops.yaml",
  "alias_whole_rule.sops.yaml",
  "flow_over_lines.sops.yaml",
  "flow_rules.sops.yaml",
]);

/** Every variant is tried where nothing may be left out; otherwise the plain one and the oddest. */
const IS_COMPLETE = Deno.env.get("SOPSMITH_INTEROP") === "required";

/** So many characters of a problem are shown. */
const LONGEST_PROBLEM = 500;

/** What a file looks like that comes from another editor. */
const VARIANTS: Readonly<Record<string, (text: string) => string>> = {
  "as it is": (text) => text,
  "with CRLF": (text) => text.replace(/\r?\n/g, "\r\n"),
  "with CR alone": (text) => text.replace(/\r?\n/g, "\r"),
  "with a byte order mark": (text) => text.startsWith("\ufeff") ? text : `\ufeff${text}`,
  "without a final line break": (text) => text.replace(/(?:\r?\n)+$/, ""),
  "with CRLF, a byte order mark and no final line break": (text) =>
    `\ufeff${text.replace(/^\ufeff/, "").replace(/(?:\r?\n)+$/, "").replace(/\r?\n/g, "\r\n")}`,
};

/** The files that can be edited, in a variant. */
function* editedFiles(change: (text: string) => string = (text) => text): Generator<ConfigFile> {
  for (const folder of CONFIG_FOLDERS) {
    for (const { name, content } of readConfigFiles(folder)) {
      const text = change(new TextDecoder("utf-8", { ignoreBOM: true }).decode(content));
      yield { name, content: new TextEncoder().encode(text) };
    }
  }
}

/** Runs a check on every file; what it throws is collected, so that one failure shows all files that have it. */
async function onEveryFile(
  files: Iterable<ConfigFile>,
  check: (file: ConfigFile) => Promise<void>,
): Promise<void> {
  const problems: string[] = [];
  let count = 0;
  for (const file of files) {
    count++;
    try {
      await check(file);
    } catch (error) {
      problems.push(
        `${file.name}: ${error instanceof Error ? error.message : String(error)}`.slice(0, LONGEST_PROBLEM),
      );
    }
  }
  assert(count > 80, `only ${count} files`);
  assertEquals(problems, []);
}

/** @returns the recipient, after checking that keygen succeeded and printed nothing else on stdout */
function recipientOf({ exitCode, stdout, stderr }: KeygenRun): string {
  assertEquals(exitCode, 0, stderr);
  assert(/^age1(?:pq1)?[02-9ac-hj-np-z]+\n$/.test(stdout), stdout);
  return stdout.trimEnd();
}

/** Checks that `after` is `before` with text put in, and that nothing but the rule of the vault has changed. */
function checkInsertion({ name, content }: ConfigFile, after: Uint8Array): void {
  const [line, left] = WITHOUT_RULES[name] ?? [];
  const before = line === undefined || left === undefined ? content : replaceText(content, line, left);
  if (text(content) !== "\ufeff") assertEquals(countExtendedLines(before, after), isFlow(content) ? 1 : 0, text(after));
  const [old, now] = [text(content), text(after)];
  assertEquals(now.startsWith("\ufeff"), old.startsWith("\ufeff"));
  if (/\r\n/.test(old) && !/[^\r]\n/.test(old)) assert(!/[^\r]\n/.test(now), "a line ends with LF alone");
  if (/[^\n]$/.test(old.replace(/^\ufeff/, ""))) assert(!now.endsWith("\n"), "a final line break was added");
}

/** Checks that every path but the vault's own resolves as before, in our own eyes and in those of the YAML package. */
async function checkOtherPaths(content: Uint8Array, after: Uint8Array): Promise<void> {
  const [before, now] = [await rulesOf(content), await rulesOf(after)];
  for (const path of probePaths(before)) assertEquals(resolutionOf(now, path), resolutionOf(before, path), path);
  const { creation_rules: oldRules, keys: oldKeys, ...oldRest } = plainValueOf(content);
  const { creation_rules: newRules, keys: newKeys, ...newRest } = plainValueOf(after);
  for (const key of Object.keys(oldRest)) assertEquals(newRest[key], oldRest[key]);
  const others = listOf(newRules).filter((rule) => !JSON.stringify(rule).includes("zz-new/"));
  assertEquals(others, listOf(oldRules));
  if (oldKeys !== undefined) assertEquals(listOf(newKeys).slice(0, listOf(oldKeys).length), listOf(oldKeys));
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];
}

function text(content: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(content);
}

function replaceText(content: Uint8Array, part: string, other: string): Uint8Array {
  assert(text(content).includes(part));
  return new TextEncoder().encode(text(content).replace(part, () => other));
}

/** Whether the rules stand in brackets on one line, into which a rule can only be put. */
function isFlow(content: Uint8Array): boolean {
  return /^\ufeff?(?:\{?creation_rules: \[\{)/.test(text(content));
}

for (const [variant, change] of Object.entries(VARIANTS)) {
  const isLeftOut = !IS_COMPLETE && !/^as it is$|^with CR alone$|^with CRLF, /.test(variant);
  Deno.test({
    name: `keygen only puts text into every file, ${variant}`,
    ignore: isLeftOut,
    fn: () =>
      onEveryFile(editedFiles(change), async (file) => {
        await using host = await repositoryOf(file.content);
        const made = await keygenIn(host);
        const recipient = recipientOf(made);
        checkInsertion(file, made.config!);
        const winner = resolutionOf(await rulesOf(made.config!), VAULT_FILE);
        assert(winner.includes(`[["age ${recipient}"]]`), winner);
        await checkOtherPaths(file.content, made.config!);
      }),
  });
}

Deno.test("keygen changes nothing when it runs again, and --force adds a second recipient to the same group", () =>
  onEveryFile(editedFiles(), async ({ name, content }) => {
    await using host = await repositoryOf(content);
    const first = await keygenIn(host, "--name", "first key");
    const keys = await host.readText("~/.config/sops/age/keys.txt");
    const again = await keygenIn(host);
    assertEquals(recipientOf(again), recipientOf(first));
    assertEquals(again.config, first.config);
    assertEquals(await host.readText("~/.config/sops/age/keys.txt"), keys);
    const second = await keygenIn(host, "--force", "--name", "second key");
    const [one, two] = [recipientOf(first), recipientOf(second)];
    assert(one !== two);
    assert(countExtendedLines(first.config!, second.config!) <= 1 || REWRITTEN_BY_JOINING.has(name));
    const winner = resolutionOf(await rulesOf(second.config!), VAULT_FILE);
    assert(winner.includes(`[["age ${one}","age ${two}"]]`), winner);
    await checkOtherPaths(content, second.config!);
  }));

Deno.test("keygen --with-recipients gives the new rule all keys of the rule before which it stands", () =>
  onEveryFile(editedFiles(), async (file) => {
    const before = (await rulesOf(file.content)).findWinner(VAULT_FILE);
    await using host = await repositoryOf(file.content);
    const made = await keygenIn(host, "--with-recipients");
    const recipient = recipientOf(made);
    checkInsertion(file, made.config!);
    await checkOtherPaths(file.content, made.config!);
    const rule = (await rulesOf(made.config!)).findWinner(VAULT_FILE);
    const old = before?.groups.flatMap(({ keys }) => keys.map(({ type, text }) => `${type} ${text}`)) ?? [];
    const now = rule?.groups.map(({ keys }) => keys.map(({ type, text }) => `${type} ${text}`).toSorted());
    assertEquals(now, [[...new Set([...old, `age ${recipient}`])].toSorted()]);
    assertEquals(rule?.selectors, before?.selectors ?? {});
  }));

Deno.test("keygen --post-quantum only puts text into every file", () =>
  onEveryFile(editedFiles(), async (file) => {
    await using host = await repositoryOf(file.content);
    const made = await keygenIn(host, "--post-quantum");
    const recipient = recipientOf(made);
    assert(recipient.startsWith("age1pq1"));
    checkInsertion(file, made.config!);
    assert(resolutionOf(await rulesOf(made.config!), VAULT_FILE).includes(recipient));
    await checkOtherPaths(file.content, made.config!);
  }));

Deno.test("keygen for the built-in vault joins the rule that wins for all of secrets/, or adds one", () =>
  onEveryFile(editedFiles(), async ({ name, content }) => {
    await using host = await repositoryOf(content, { files: { "sopsmith.yaml": "" } });
    const made = await keygenIn(host);
    const recipient = recipientOf(made);
    const [old, now] = [await rulesOf(content), await rulesOf(made.config!)];
    assert(resolutionOf(now, "secrets/zz/first.yaml").includes(recipient));
    const isJoined = now.config.rules.length === old.config.rules.length;
    const [line, left] = WITHOUT_RULES[name] ?? [];
    const before = line === undefined || left === undefined ? content : replaceText(content, line, left);
    assert(countExtendedLines(before, made.config!) <= 1 || (isJoined && REWRITTEN_BY_JOINING.has(name)));
    for (const path of probePaths(old)) {
      const resolution = resolutionOf(now, path);
      if (!resolution.includes(recipient)) assertEquals(resolution, resolutionOf(old, path), path);
      else assert(isJoined || path.includes("secrets/"), path);
    }
  }));
