/**
 * How a printed line becomes one that can be typed: what stands for its placeholders, and the lines that nobody can type
 * here, each with the reason.
 *
 * To add to it: a new placeholder gets a row in {@link FILLINGS}; a line that needs another machine, another person or
 * another program gets one in {@link UNTYPED}. A row that no case uses fails the test, so that none outlives its reason.
 *
 * @module
 */
import { type CaseState, walk } from "./case_shell.ts";
import { findMetadata } from "../../lib/sops/metadata/metadata.ts";

/** Lays out what a placeholder stands for in the line that was printed. @returns the word to type */
type Filling = (state: CaseState, printed: string) => string | Promise<string>;

/** A test key that no page has. */
const OTHER_RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

/** A path of a binary cache. */
const NARINFO = `StorePath: /nix/store/9yfk8g7dqlncksm208cb3g2b7rk1hbrd-plain
URL: nar/1ly7ij0vsfk9hp6giw0sj27nj1fkxqx008y0mkxf0mazhfdcy604.nar.xz
Compression: xz
NarHash: sha256:1m9j24c1bsdjfxswsg9if6y4zmn90hjqfv5bnqfknyanwa6n371i
NarSize: 128
References: 
`;

/** A keys file with another test key. */
const OTHER_KEYS = "# test key\nAGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX\n";

/** Rows by what a command line matches, its placeholder, and what stands for it; the first that fits counts. */
export const FILLINGS: readonly (readonly [command: RegExp, placeholder: RegExp, filling: Filling])[] = [
  [/--key-name/, /\bNAME(?=-1)/g, () => "cache.example.org"],
  [/ --out FILE/, /\bFILE$/g, () => "new-file"],
  [/identity public FILE/, /\bFILE\b/g, makeKeysFile],
  [/keygen VAULT/, /\bVAULT\b/, (_state, printed) => /is one of ([^\s,]+)/.exec(printed)?.[1] ?? ""],
  [/identity import --ssh/, /\b(?:KEYFILE|FILE)\b/g, makeSshKey],
  [/identity import/, /\bFILE\b/g, makeKeysFile],
  [/^sopsmith rules explain$/, /$/, async (state) => ` ${await findEncryptedFile(state)}`],
  [/^sopsmith rules add$/, /$/, () => ` ^new/ newcomer=${OTHER_RECIPIENT}`],
  [/recipient add … /, /…/, () => `newcomer ${OTHER_RECIPIENT}`],
  [/rules add PATTERN RECIPIENT/, /RECIPIENT\.\.\./, () => `newcomer=${OTHER_RECIPIENT}`],
  [/^ssh-keygen -t ed25519$/, /$/, () => " -q -N '' -f new_ed25519"],
  [/^ssh-keygen -p/, /$/, () => " -P '' -N ''"],
  [/nix store sign/, /\bFOLDER\b/, makeCache],
  [/recipient import/, /\bFILE\b/, makeRecipientsFile],
  [/recipient (?:add|set)/, /\bNAME\b/g, () => "newcomer"],
  [/rules add/, /\bPATTERN\b/g, () => "^new/"],
  [/(?:recipient|rules) (?:add|set)/, /\bRECIPIENT(?:\.\.\.)?|\bage1…/g, () => OTHER_RECIPIENT],
  [/--group N/, /\bN\b/g, () => "1"],
  [/secret set/, /\bNAME\b/g, () => "NEW_SECRET"],
];

/** Lines that cannot be typed here, and why. */
export const UNTYPED: readonly (readonly [line: RegExp, reason: string])[] = [
  [/^next: (?:install .*; else: )?ask .* to run: /, "a step for another person's machine"],
  [/ssh-keygen -lf \/etc\/ssh\//, "a step for another machine"],
  [
    /^hint: (?:run: )?nix (?:--extra-experimental-features (?:'[^']*'|\S+) )?(?:copy|store) /,
    "acts on the store of Nix, which a test does not have",
  ],
  [/age --decrypt -i IDENTITY/, "needs an identity that no page has"],
  [/^next: sops (?:--config \S+ )?(?:updatekeys|encrypt|rotate) /, "needs a key service, which sops would ask"],
];

/** What a step may be refused for, and why that is no fault of the advice. */
export const EXCUSED: readonly (readonly [refusal: RegExp, reason: string])[] = [
  [/^Failed to load key .*: invalid format/, "needs OpenSSH 9.6"],
  [/does not have any commits yet/, "git has no older version of it"],
  [/a key of type pgp|only its service|no recipient that SOPS would take/, "the rule has a key that stops an update"],
  [/shows no ed25519 host key/, "needs a host that answers"],
  [/Failed to get the data key/, "needs a key service"],
  [/the program age-plugin-\w+ is missing/, "needs a plugin that is not here"],
];

/** @returns the line without placeholders */
export async function fillLine(state: CaseState, line: string, printed: string): Promise<string> {
  let filled = line;
  for (const [command, placeholder, filling] of FILLINGS) {
    if (!command.test(filled) || filled.search(placeholder) < 0) continue;
    const word = await filling(state, printed);
    filled = filled.replace(placeholder, word);
  }
  return filled;
}

async function makeKeysFile({ host }: CaseState): Promise<string> {
  const path = `${host.home}/other-keys.txt`;
  await Deno.writeTextFile(path, OTHER_KEYS, { mode: 0o600 });
  return "~/other-keys.txt";
}

async function makeRecipientsFile({ host }: CaseState): Promise<string> {
  await Deno.writeTextFile(`${host.home}/team.txt`, `${OTHER_RECIPIENT} # newcomer\n`);
  return "~/team.txt";
}

async function makeCache({ host }: CaseState): Promise<string> {
  await Deno.mkdir(`${host.home}/cache`);
  await Deno.writeTextFile(`${host.home}/cache/9yfk8g7dqlncksm208cb3g2b7rk1hbrd.narinfo`, NARINFO);
  return "~/cache";
}

async function makeSshKey({ host, cwd }: CaseState): Promise<string> {
  const path = `${host.home}/other_ed25519`;
  await host.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test key", "-f", path], { cwd });
  return "~/other_ed25519";
}

async function findEncryptedFile({ cwd }: CaseState): Promise<string> {
  let found: string | undefined;
  await walk(cwd, "", async (path, info) => {
    if (!info.isFile || found !== undefined || path.startsWith(".git/")) return;
    if (findMetadata(await Deno.readFile(`${cwd}/${path}`), path) !== undefined) found = path;
  });
  return found ?? "secrets/new.yaml";
}
