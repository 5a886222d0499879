/**
 * What the tests of edits ask the real `sops`: to whom it encrypts a file of a name with a configuration.
 *
 * @module
 */
import type { Rule, SopsConfig } from "../../lib/config/rules/sops_config.ts";
import { parseEditPage } from "../config/edit/page.ts";
import { findWinningRule } from "../support/rule_match.ts";

/** Test keys: public halves whose private halves nobody has kept. */
export const NEW_KEY = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z";
export const PEOPLE: Readonly<Record<string, string>> = {
  age1testnew00: NEW_KEY,
  age1testalice: "age1yt3tfqlfrwdwx0z0ynwplcr6qxcxfaqycuprpmy89nr83ltx74tqdpszlw",
  age1testbob00: "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
  age1testcarol: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
  age1testdave0: "age1556rq7r0980ag3l94zeg603rclasmp8glt3u94cmcnh35hkqk94qsasdv6",
  age1testweb10: "age1ylfzphnrylvs9wqz487qs32rv8upymztday4e0as2mm9jswvw9tq9rkpsz",
  age1testweb20: "age17hqhvw0643ckqymhums3fd40n6pxlzl5ske5enl4gzkwpnej4qpqvvqkgn",
  age1testweb30: "age18ukgmgq4xe9qafkr5ee4jm8482897dtqevd234yuksc59pl56g4q58sr2k",
};

/** How many paths of other rules are tried on each file. */
const MAX_OTHERS = 4;

export interface Folder {
  readonly path: string;
  readonly config: string;
}

export async function withFolder(body: (folder: Folder) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "sopsmith-edit-" });
  try {
    await Deno.writeTextFile(`${path}/plain.yaml`, "data: x\n");
    await body({ path, config: `${path}/.sops.yaml` });
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/** @returns the recipients that sops encrypts a file of this name to, or what it says when it does not */
export async function encryptedTo(folder: Folder, source: string, name: string): Promise<readonly string[] | string> {
  await Deno.writeTextFile(folder.config, source);
  const { code, stdout, stderr } = await new Deno.Command("sops", {
    args: [
      "--config",
      folder.config,
      "encrypt",
      "--filename-override",
      `${folder.path}/${name}`,
      "--input-type",
      "yaml",
      "--output-type",
      "json",
      "plain.yaml",
    ],
    cwd: folder.path,
    env: { SOPS_DISABLE_VERSION_CHECK: "1" },
    stdin: "null",
  }).output();
  if (code !== 0) return new TextDecoder().decode(stderr);
  const { sops } = JSON.parse(new TextDecoder().decode(stdout));
  const groups = (sops.key_groups ?? [sops]) as { age?: { recipient: string }[] }[];
  return groups.flatMap((group) => (group.age ?? []).map((key) => key.recipient));
}

export function ageKeysOf(rule: Rule | undefined): readonly string[] {
  return rule?.groups.flatMap(({ keys }) => keys.map((key) => key.text)) ?? [];
}

export function isAgeOnly(rule: Rule | undefined): boolean {
  const keys = rule?.groups.flatMap((group) => group.keys) ?? [];
  return keys.length > 0 && keys.every((key) => key.type === "age" && /^age1(?!yubikey)/.test(key.text));
}

/** @returns paths that the first rules of a file win, found by taking the regex apart; where that fails, none */
export function samplePaths(config: SopsConfig): readonly string[] {
  const paths = config.rules.map((rule) =>
    (rule.pathRegex ?? "some/file.yaml")
      .replace(/^\^|\$$/g, "").replace(/\[\^\/\]\+|\.\*|\.\+/g, "x").replace(/\(([^|()]*)\|[^()]*\)/g, "$1")
      .replace(/\\(.)/g, "$1").replace(/\?/g, "")
  );
  return paths.filter((path, at) => findWinningRule(config, path)?.index === at).slice(0, MAX_OTHERS);
}

/** Pages of the golden cases, with keys that sops accepts. */
export function realCases(
  page: string,
): { title: string; options: Readonly<Record<string, unknown>>; source: string }[] {
  const text = Deno.readTextFileSync(new URL(`../config/edit/edits/${page}.txt`, import.meta.url));
  return parseEditPage(text).filter(({ after }) => !after.startsWith("error "))
    .map(({ title, options, before }) => ({ title, options, source: withRealKeys(before) }));
}

/** @returns the text with keys that sops accepts in the place of the made-up ones */
export function withRealKeys(text: string): string {
  return text.replace(/age1test\w{5}/g, (key) => PEOPLE[key] ?? key);
}
