/**
 * Keys files that may be protected with a passphrase: opened once for each content, and closed again as they were.
 *
 * A passphrase is asked for at most once in a run if it is the same for all files, and a file keeps its own. The result of the slow key
 * derivation is remembered, because an edit plans more than once. I/O through the host. Spec: keys §1.
 *
 * @module
 */
import type { EditPlan, Planner, Snapshot } from "../../base/files/edit_files.ts";
import { UserError } from "../../base/error.ts";
import { equalBytes } from "../../base/bytes.ts";
import type { Host } from "../../base/host/host.ts";
import {
  type PassphraseRequest,
  type PassphraseSource,
  readNewPassphrase,
  unlockWithPassphrase,
} from "../../base/ask/passphrase.ts";
import { formatPath } from "../../base/show/report.ts";
import type { Secret } from "../../base/secret.ts";
import { isProtected, type KeysFile, parseKeysFile } from "./keys_file.ts";

/** The variable that answers for the passphrase of a keys file. */
export const PASSPHRASE_VARIABLE = "SOPSMITH_PASSPHRASE";

/** Both forms of one content. */
interface KnownContent {
  readonly path: string;
  readonly sealed: Uint8Array;
  readonly plain: Uint8Array;
}

/** Opens protected keys files, and protects text. */
export class KeysUnlocker {
  /** Where the person wants the passphrase to be taken from. */
  readonly source: PassphraseSource | undefined;
  readonly #host: Host;
  readonly #workFactor: number | undefined;
  /** By path. */
  readonly #passphrases = new Map<string, Secret>();
  readonly #known: KnownContent[] = [];

  /**
   * @param source where the person wants the passphrase to be taken from; absent: the variable, then the terminal
   * @param workFactor of what is protected, as `encryptWithPassphrase()` takes it; absent: that of age
   */
  constructor(host: Host, source: PassphraseSource | undefined, workFactor?: number) {
    this.#host = host;
    this.source = source;
    this.#workFactor = workFactor;
  }

  /**
   * @param path absolute, or the name of what is no file; for the question and messages
   * @returns the text of a keys file: as it is, or decrypted
   * @throws {UserError} `denied` for a wrong passphrase; `usage` when nothing answers and nobody can be asked;
   * `unsupported` for a file that is encrypted to recipients; `integrity` for a damaged one
   */
  async open(content: Uint8Array, path: string): Promise<Uint8Array> {
    if (!isProtected(content)) return content;
    const known = this.#known.find(({ sealed }) => equalBytes(sealed, content));
    if (known !== undefined) return known.plain;
    const { decryptWithPassphrase } = await import("./passphrase_file.ts");
    const attempt = async (passphrase: Secret): Promise<Uint8Array | undefined> => {
      const plain = await decryptWithPassphrase(content, passphrase, path);
      if (plain !== undefined) this.#passphrases.set(path, passphrase);
      return plain;
    };
    let plain: Uint8Array | undefined;
    for (const passphrase of new Set(this.#passphrases.values())) plain ??= await attempt(passphrase);
    plain ??= await unlockWithPassphrase(this.#host, this.#request(path), attempt);
    this.#known.push({ path, sealed: content, plain });
    return plain;
  }

  /**
   * @returns the text, protected with the passphrase that opened the file of this path, else with a new one
   * @throws {UserError} `unsupported` for a plugin identity, which SOPS does not read from a protected file; what
   * `readNewPassphrase()` throws
   */
  async seal(plain: Uint8Array, path: string): Promise<Uint8Array> {
    const known = this.#known.find((content) => content.path === path && equalBytes(content.plain, plain));
    if (known !== undefined) return known.sealed;
    refusePlugins(parseKeysFile(plain, path));
    const { encryptWithPassphrase } = await import("./passphrase_file.ts");
    const passphrase = this.#passphrases.get(path) ?? await readNewPassphrase(this.#host, this.#request(path));
    this.#passphrases.set(path, passphrase);
    const sealed = await encryptWithPassphrase(plain, passphrase, this.#workFactor);
    this.#known.push({ path, sealed, plain });
    return sealed;
  }

  #request(path: string): PassphraseRequest {
    const shown = this.#host.paths.isAbsolute(path) ? formatPath(this.#host, path) : path;
    return {
      object: `"${shown}"`,
      source: this.source,
      variable: PASSPHRASE_VARIABLE,
      instead: `set ${PASSPHRASE_VARIABLE}, or pass --passphrase-file FILE`,
    };
  }
}

/**
 * Lets a planner that knows plain keys files only work on one that may be protected.
 *
 * @param planner its first target is the keys file
 * @param newFile how a keys file is made that is not there yet
 */
export function throughPassphrase<Outcome>(
  unlocker: KeysUnlocker,
  planner: Planner<Outcome>,
  newFile: "plain" | "protected",
): Planner<Outcome> {
  return async ([keys, ...others]): Promise<EditPlan<Outcome>> => {
    if (keys === undefined) return await planner([]);
    const { path } = keys.target;
    const { content } = keys;
    const isSealed = content === undefined ? newFile === "protected" : isProtected(content);
    if (!isSealed) return await planner([keys, ...others]);
    const open: Snapshot = content === undefined ? keys : { ...keys, content: await unlocker.open(content, path) };
    const { changes, outcome } = await planner([open, ...others]);
    const sealed = changes.map(async (change) =>
      change.path === path ? { ...change, after: await unlocker.seal(change.after, path) } : change
    );
    return { changes: await Promise.all(sealed), outcome };
  };
}

function refusePlugins({ path, entries }: KeysFile): void {
  if (entries.every(({ kind }) => kind !== "plugin")) return;
  throw new UserError(
    "unsupported",
    `cannot protect "${path}": SOPS does not read plugin identities from a protected file, and it would hold one`,
    { hints: ["keep the plugin identity in a file of its own, without a passphrase"], location: { path } },
  );
}
