/**
 * An entry of the OS keychain as a place of identities. Written at once: the caller holds `withKeychainLock()`. I/O through
 * the host. Spec: vaults §6.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import type { IdentityBlock } from "../file/append.ts";
import type { VaultMark } from "../file/comment.ts";
import type { KeysFile } from "../file/keys_file.ts";
import type { KeychainEntry } from "../keychain/entry.ts";
import { addKeychainIdentity, readKeychainIdentities } from "../keychain/keychain.ts";
import type { IdentityStore } from "./store.ts";

/** The entry of one vault. */
export class KeychainStore implements IdentityStore {
  readonly #host: Host;
  readonly #entry: KeychainEntry;
  readonly #mark: VaultMark;
  #isAdded = false;

  /** @param mark the vault that the entry belongs to: an entry has no comments that could say it */
  constructor(host: Host, entry: KeychainEntry, mark: VaultMark) {
    this.#host = host;
    this.#entry = entry;
    this.#mark = mark;
  }

  /** Whether an identity was added; it stays, whatever fails afterwards. */
  get isAdded(): boolean {
    return this.#isAdded;
  }

  /** @see IdentityStore.read */
  async read(): Promise<KeysFile | undefined> {
    const file = await readKeychainIdentities(this.#host, this.#entry);
    const mark = this.#mark;
    return file && {
      ...file,
      entries: file.entries.map((entry) => ({ ...entry, comments: { ...entry.comments, mark } })),
    };
  }

  /** @see IdentityStore.add */
  async add({ identity }: IdentityBlock): Promise<void> {
    if (await addKeychainIdentity(this.#host, this.#entry, identity)) this.#isAdded = true;
  }
}
