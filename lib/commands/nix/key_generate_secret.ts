/**
 * `nix key generate-secret`: makes a signing key for a Nix binary cache; prints the secret half as Nix does, or writes
 * both halves with `--out`. Spec: keys §4.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import { EXIT } from "../../base/exit_code.ts";
import type { Host } from "../../base/host/host.ts";
import { formatPublicKey, generateSigningKey, type PublicKey } from "../../nix/key.ts";
import { deriveNextKeyName, findKeyNameProblem, hasKeyNumber } from "../../nix/key_name.ts";
import type { KeyPair } from "../../nix/key_pair.ts";
import { printKey, readSigningKey } from "./key_io.ts";

/** The flags of `nix key generate-secret`. */
export interface NixKeyGenerateFlags {
  readonly keyName?: string;
  readonly next?: string;
  readonly out?: string;
  readonly reveal?: boolean;
  readonly nixConf?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Stands for the public key of a preview, which is not made. */
const PREVIEW_KEY = "<new public key>";

/** Characters that end a path in a list of `nix.conf`. */
const ENDS_A_PATH = /[\s#]/;

/**
 * Runs `nix key generate-secret`.
 *
 * @returns the exit code
 * @throws {UserError} `usage` for a name that is missing or not usable and for flags that need `--out`; `refused` when
 * the secret key would stand on the screen without `--reveal`; `exists` when a file is there; what reading the key of
 * `--next` throws; `io` or `denied` when a file cannot be written
 */
export async function nixKeyGenerateSecret(
  flags: NixKeyGenerateFlags,
  _args: readonly string[],
  session: Session,
): Promise<number> {
  const { host, report } = session;
  const path = findOutput(flags, host);
  const name = await chooseName(flags, host);
  if (path === undefined) refuseScreen(flags, host);
  if (/^-\d+$/.test(name)) {
    report.warning(`the name is only "${name}"; if a variable stood before it, it is unset or empty`);
  }
  if (!hasKeyNumber(name)) {
    report.note(`"${name}" has no number at its end; "${name}-1" would let a later key be told apart`);
  }
  if (path === undefined) await printSecret(name, session);
  else if (flags.dryRun) await preview(name, path, session);
  else await writePair(name, path, flags, session);
  return EXIT.done;
}

/** @returns the absolute path of the secret half; undefined when it goes to stdout */
function findOutput({ out, reveal, nixConf, dryRun, json }: NixKeyGenerateFlags, host: Host): string | undefined {
  if (out === undefined) {
    const needy = nixConf ? "--nix-conf" : dryRun ? "--dry-run" : json ? "--json" : undefined;
    if (needy === undefined) return undefined;
    const why = needy === "--json" ? "a secret key is never printed as JSON" : "there is no file without it";
    throw new UserError("usage", `${needy} needs --out: ${why}`, {
      hints: ["name the file for the secret key with --out FILE"],
    });
  }
  if (reveal) {
    throw new UserError("usage", "--reveal and --out contradict each other: the secret key goes to the file alone", {
      hints: ["pass one of them"],
    });
  }
  const path = host.paths.resolve(host.cwd, out);
  if (out === "" || path.endsWith(".pub")) {
    const message = `--out is "${out}", expected a file for the secret half; the public half goes beside it`;
    throw new UserError("usage", message, { hints: [out === "" ? "name a file" : "leave the ending .pub away"] });
  }
  if (nixConf && !fitsNixConf(path)) {
    throw new UserError("usage", `nix.conf cannot name "${path}": it holds white space or "#"`, {
      hints: ["choose a path without them"],
    });
  }
  return path;
}

/** What stands on a screen is seen by others and kept by the terminal. */
function refuseScreen({ reveal }: NixKeyGenerateFlags, { stdout }: Host): void {
  if (!stdout.isTerminal || reveal) return;
  throw new UserError("refused", "the secret key would stand on the screen, expected a file or a pipe", {
    hints: ["write it to a file that only you can read with --out FILE", "--reveal shows it all the same"],
  });
}

async function chooseName({ keyName, next }: NixKeyGenerateFlags, host: Host): Promise<string> {
  if (next !== undefined && keyName !== undefined) {
    throw new UserError("usage", "--next and --key-name contradict each other", { hints: ["pass one of them"] });
  }
  if (next !== undefined) return deriveNextKeyName((await readSigningKey(host, next)).publicKey.name);
  if (keyName === undefined) {
    throw new UserError("usage", "--key-name is missing: a signing key has a name", {
      hints: ["name it after the cache, with a number: --key-name cache.example.org-1"],
    });
  }
  const problem = findKeyNameProblem(keyName);
  if (problem === undefined) return keyName;
  throw new UserError("usage", `the name of --key-name ${problem}, expected one like cache.example.org-1`, {
    hints: keyName === "" ? ["check the variable that it comes from: it is unset or empty"] : [],
  });
}

async function printSecret(name: string, session: Session): Promise<void> {
  const { host, report } = session;
  const { secret } = await generateSigningKey(name, host.randomBytes);
  printKey(host, report, secret.revealText());
  if (host.stdout.isTerminal) {
    report.warning("the secret key stands on the screen now, and in what the terminal keeps of it");
  }
}

async function preview(name: string, path: string, session: Session): Promise<void> {
  const { host, report } = session;
  const { planKeyPair } = await import("../../nix/key_pair.ts");
  const { createUnifiedDiff } = await import("../../base/show/diff.ts");
  const pair = await planKeyPair(host, name, path);
  report.say(`would ${pair.action === "made" ? "make" : "complete"} the signing key ${name} in ${report.path(path)}`);
  const publicKey = pair.action === "made" ? `${name}:${PREVIEW_KEY}` : formatPublicKey(pair.key.publicKey);
  const diff = createUnifiedDiff(report.diffPath(pair.publicPath), "", publicKey);
  report.data(diff);
  report.json({ ...pairAsJson(pair, { isPreview: true }), diff });
}

async function writePair(
  name: string,
  path: string,
  { next, nixConf }: NixKeyGenerateFlags,
  session: Session,
): Promise<void> {
  const { host, report } = session;
  const { writeKeyPair } = await import("../../nix/key_pair.ts");
  const { quotePath } = await import("../shared/next_step.ts");
  const { warnOfCommit } = await import("../shared/secret_file_text.ts");
  const pair = await writeKeyPair(host, name, path);
  const { arrow } = report.symbols;
  const shown = report.path(path);
  if (pair.action === "made") report.done(`made the signing key ${name}`);
  else report.done(`added the public half of the signing key ${name} that was in ${shown}`);
  report.detail(`secret half ${arrow} ${shown}   (keep it out of version control, and back it up)`);
  report.detail(`public half ${arrow} ${report.path(pair.publicPath)}   (safe to publish)`);
  await warnOfCommit(session, path);
  if (next !== undefined) {
    report.note("machines need both public keys for as long as the cache has paths that only the earlier key signed");
  }
  report.next(`sopsmith nix store sign --key-file ${quotePath(report, path)} FOLDER`);
  const lines = nixConf ? formatNixConf(path, pair.key.publicKey) : [formatPublicKey(pair.key.publicKey)];
  for (const line of lines) report.data(line);
  report.json({ ...pairAsJson(pair, { isPreview: false }), ...(nixConf ? { nixConf: lines } : {}) });
}

function pairAsJson(pair: KeyPair, { isPreview }: { readonly isPreview: boolean }): Record<string, unknown> {
  const { action, key, secretPath, publicPath } = pair;
  return {
    name: key.publicKey.name,
    changed: true,
    change: action,
    dryRun: isPreview,
    publicKey: isPreview && action === "made" ? null : formatPublicKey(key.publicKey),
    secretKeyFile: secretPath,
    publicKeyFile: publicPath,
  };
}

/** @returns whether `nix.conf` can name the file */
function fitsNixConf(path: string): boolean {
  return !ENDS_A_PATH.test(path);
}

/**
 * @param path absolute path of the secret key, which {@link fitsNixConf}
 * @returns the lines of `nix.conf` that sign with the key, and that trust it besides the keys that are trusted already
 */
function formatNixConf(path: string, publicKey: PublicKey): string[] {
  return [`secret-key-files = ${path}`, `extra-trusted-public-keys = ${formatPublicKey(publicKey)}`];
}
