/**
 * Who can read which of a repository's encrypted files, by name.
 *
 * A reader is a name of `.sops.yaml` with every key that it stands for; a key without a name is a reader of its own. Files
 * of which the same is to be said share it, so that many files take little memory. Pure. Spec: sops-engine §3.6.
 *
 * @module
 */
import type { NamedKey, Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { formatShortRecipient } from "../../keys/age/recipient.ts";
import { countNeededGroups } from "../../sops/threshold.ts";
import { nameKey } from "../scan/differences.ts";
import type { RuledFile } from "../scan/file_rules.ts";
import type { FileKey, ScannedMetadata } from "../scan/scanned_metadata.ts";
import type { OwnRecipients } from "./own_recipients.ts";

/** Somebody who is named in a file. */
export interface Reader {
  /** The name, or the key shortened. */
  readonly name: string;
  /** Whether a private key on this machine is one of theirs. */
  readonly isYou: boolean;
  readonly keys: readonly FileKey[];
}

/** How somebody reads a file: `alone`, or only `together` with others, who have keys of the other groups. */
export type Reading = "alone" | "together";

/** Who reads some files, all the same. */
export interface Access {
  /** By name, in the order of the file. */
  readonly readers: ReadonlyMap<string, Reading>;
  /** Of how many key groups a reader needs a key, and of how many there are. */
  readonly neededGroups: number;
  readonly groupCount: number;
}

/** A file and who reads it. */
export interface FileAccess {
  /** Absolute. */
  readonly path: string;
  readonly access: Access;
  /** Whether its rule says the same; undefined without a rule. */
  readonly isAsRuleSays: boolean | undefined;
}

/** Learns who there is from the files as they come. */
export class Readers {
  readonly #own: OwnRecipients;
  readonly #names = new Map<string, string>();
  readonly #keys = new Map<string, Map<string, FileKey>>();
  readonly #known = new Map<ScannedMetadata, Map<SopsConfig | undefined, Access>>();
  readonly #configs = new Set<SopsConfig>();

  /** @param own recipients of this machine's identities */
  constructor(own: OwnRecipients) {
    this.#own = own;
  }

  /** @returns who reads a file */
  accessOf({ metadata, fileRule: { config, rule } }: Pick<RuledFile, "metadata" | "fileRule">): Access {
    const byConfig = this.#known.get(metadata) ?? new Map<SopsConfig | undefined, Access>();
    this.#known.set(metadata, byConfig);
    if (config !== undefined) this.#configs.add(config);
    const access = byConfig.get(config) ?? this.#read(metadata, config, rule);
    byConfig.set(config, access);
    return access;
  }

  /** @returns everybody who reads one of the files that were asked for: you first, then by name */
  list(): Reader[] {
    const readers = [...this.#keys].map(([name, keys]): Reader => ({
      name,
      keys: [...keys.values()],
      isYou: [...keys.values()].some((key) => this.#own.has(key)),
    }));
    return readers.sort((a, b) => Number(b.isYou) - Number(a.isYou) || compareNames(a.name, b.name));
  }

  /** @returns the names of the configs of these files that stand for somebody who reads none of them */
  listOthers(): string[] {
    const names = new Set([...this.#configs].flatMap(({ rules, keys }) => [
      ...keys.map(({ name }: NamedKey) => name),
      ...rules.flatMap(({ groups }) => groups.flatMap((group) => group.keys.flatMap(({ name }) => name ?? []))),
    ]));
    return [...names].filter((name) => !this.#keys.has(name)).sort(compareNames);
  }

  #read(metadata: ScannedMetadata, config: SopsConfig | undefined, rule: Rule | undefined): Access {
    const groupsOf = new Map<string, Set<number>>();
    for (const [groupIndex, { keys }] of metadata.groups.entries()) {
      for (const key of keys) {
        const name = this.#nameOf(key, config, rule);
        groupsOf.set(name, (groupsOf.get(name) ?? new Set()).add(groupIndex));
        const known = this.#keys.get(name) ?? new Map<string, FileKey>();
        this.#keys.set(name, known.set(key.text, key));
      }
    }
    const neededGroups = countNeededGroups(metadata);
    const readers = new Map(Array.from(groupsOf, ([name, groups]): [string, Reading] => [
      name,
      groups.size >= neededGroups ? "alone" : "together",
    ]));
    return { readers, neededGroups, groupCount: metadata.groups.length };
  }

  /** A key keeps the first name that it has had. */
  #nameOf(key: FileKey, config: SopsConfig | undefined, rule: Rule | undefined): string {
    const known = this.#names.get(key.text);
    if (known !== undefined) return known;
    const { name } = nameKey(key, config, rule);
    if (name === undefined) return shorten(key);
    this.#names.set(key.text, name);
    return name;
  }
}

function shorten({ type, text }: FileKey): string {
  return type === "age" || type === "pgp" ? formatShortRecipient(text) : text;
}

/** By UTF-16 code units, but for case. */
function compareNames(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : a < b ? -1 : 1;
}

/** @returns what looks at an access as if these were all people that there are */
export function createProjection(names: ReadonlySet<string>): (access: Access) => Access {
  const known = new Map<Access, Access>();
  return (access) => {
    const projected = known.get(access) ?? {
      ...access,
      readers: new Map(access.readers.entries().filter(([name]) => names.has(name))),
    };
    known.set(access, projected);
    return projected;
  };
}
