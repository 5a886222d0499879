/**
 * Where identities are kept, as whoever adds one sees it: a keys file, one that a passphrase protects, or an entry of the OS
 * keychain (`keychain_store.ts`). Nothing else needs to know which of them it is.
 *
 * The file form plans only: the change is written with the other changes of the same edit. Spec: vaults §3, keys §1.
 *
 * @module
 */
import type { Change, Snapshot } from "../../base/files/edit_files.ts";
import { type IdentityBlock, planAppendIdentity } from "../file/append.ts";
import { isProtected, type KeysFile, parseKeysFile } from "../file/keys_file.ts";
import type { KeysUnlocker } from "../file/unlock.ts";

/** A place that identities are added to. */
export interface IdentityStore {
  /**
   * @returns what is kept there, with its problems; undefined when there is no such place yet
   * @throws {UserError} when it cannot be reached or opened
   */
  read(): Promise<KeysFile | undefined>;
  /**
   * Adds an identity after those that are there, which all stay; proves it by reading it back.
   *
   * @throws {UserError} for a place that identities cannot be added to
   */
  add(block: IdentityBlock): Promise<void>;
}

/** How a keys file is opened and made. */
export interface FileStoreOptions {
  /** Opens and protects; absent: a protected file is not opened, and a new one is plain text. */
  readonly unlocker?: KeysUnlocker;
}

/** A keys file within an edit: what was read under its lock, and the change to it. */
export class FileStore implements IdentityStore {
  readonly #snapshot: Snapshot;
  readonly #unlocker: KeysUnlocker | undefined;
  #file: KeysFile | undefined;
  #after: Uint8Array | undefined;

  /** @param snapshot the keys file */
  constructor(snapshot: Snapshot, { unlocker }: FileStoreOptions = {}) {
    this.#snapshot = snapshot;
    this.#unlocker = unlocker;
  }

  /** @see IdentityStore.read */
  async read(): Promise<KeysFile | undefined> {
    const { content, target: { path } } = this.#snapshot;
    if (content === undefined) return undefined;
    return this.#file ??= parseKeysFile(await this.#unlocker?.open(content, path) ?? content, path);
  }

  /** @see IdentityStore.add */
  async add(block: IdentityBlock): Promise<void> {
    const plain = planAppendIdentity(await this.read(), block);
    const { content, target: { path } } = this.#snapshot;
    const isSealed = content === undefined || isProtected(content);
    this.#after = isSealed && this.#unlocker !== undefined ? await this.#unlocker.seal(plain, path) : plain;
  }

  /** @param mode permission bits that the file is to have; absent: it keeps its own @returns nothing when none was added */
  changes(mode?: number): Change[] {
    if (this.#after === undefined) return [];
    const { path } = this.#snapshot.target;
    return [{ path, after: this.#after, reason: "the private half", ...(mode === undefined ? {} : { mode }) }];
  }
}
