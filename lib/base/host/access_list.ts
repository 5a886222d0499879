/**
 * Who may read a file on Windows: its access list, asked for in the form that is the same in every language.
 *
 * `icacls /save` writes the list as a security descriptor string, and `whoami` says who the person is; both are programs of
 * the system, and told nothing but the path. Anything that is not plain, as a list that denies something, is no answer
 * rather than a guess. Spec: Microsoft, "Security Descriptor String Format", "ACE Strings", "SID Strings".
 *
 * @module
 */
import { UserError } from "../error.ts";
import type { Host } from "./host.ts";
import { withPrivateFolder } from "./private_folder.ts";

/** What an access list says. */
export interface FileAccess {
  /** The person, as `S-1-5-21-…`. */
  readonly person: string;
  /** Who else may read the file or give themselves the right to, by name, or as `S-1-…`; without the system itself. */
  readonly others: readonly { readonly sid: string; readonly name: string }[];
}

/** Largest text of a list that is read, in bytes; the list itself is 64 KiB at most. */
const MAX_LIST_BYTES = 1024 * 1024;

/** Groups of people by what stands for them in the string, their identifier, and their name. */
const GROUPS: Readonly<Record<string, readonly [sid: string, name: string]>> = {
  AN: ["S-1-5-7", "Anonymous"],
  AU: ["S-1-5-11", "Authenticated Users"],
  BG: ["S-1-5-32-546", "Guests"],
  BU: ["S-1-5-32-545", "Users"],
  IU: ["S-1-5-4", "Interactive"],
  NU: ["S-1-5-2", "Network"],
  WD: ["S-1-1-0", "Everyone"],
};

/** Who may read everything anyway, and who stands for the person: the system, administrators, the installer, the creator. */
const SYSTEM: ReadonlySet<string> = new Set([
  "BA",
  "SY",
  "CO",
  "OW",
  "S-1-5-18",
  "S-1-5-32-544",
  "S-1-3-0",
  "S-1-3-4",
  "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
]);

const TRUSTEE = /^(?:[A-Z]{2}|S-1(?:-\d+)+)$/;

/** Rights by which a file can be read, or the list be changed so that it can, as two letters and as bits. */
const READING_RIGHTS: ReadonlySet<string> = new Set(["CC", "FA", "FR", "GA", "GR", "WD", "WO"]);
const READING_BITS = 0x1 | 0x4_0000 | 0x8_0000 | 0x1000_0000 | 0x8000_0000;

/** @returns undefined where it cannot be told: on other systems, too */
export async function readFileAccess(host: Host, path: string): Promise<FileAccess | undefined> {
  if (host.os !== "windows") return undefined;
  const system = host.paths.join(host.env("SystemRoot") ?? "C:\\Windows", "System32");
  const asked = await host.run(host.paths.join(system, "whoami.exe"), ["/user", "/fo", "csv", "/nh"]);
  const [, person] = /"(S-1-5-21-[\d-]+)"\s*$/.exec(decode(asked?.stdout)) ?? [];
  if (asked?.code !== 0 || person === undefined) return undefined;
  try {
    const descriptor = await saveList(host, path, host.paths.join(system, "icacls.exe"));
    const others = descriptor === undefined ? undefined : parseOthers(descriptor, person);
    return others === undefined ? undefined : { person, others };
  } catch (error) {
    if (error instanceof UserError && error.kind !== "cancelled") return undefined; // there is no folder for the list
    throw error;
  }
}

async function saveList(host: Host, path: string, icacls: string): Promise<string | undefined> {
  return await withPrivateFolder(host, async (folder) => {
    const list = host.paths.join(folder.path, "list");
    const saved = await host.run(icacls, [path, "/save", list, "/q"]);
    if (saved?.code !== 0) return undefined;
    const text = new TextDecoder("utf-16le").decode(host.files.read(list, MAX_LIST_BYTES));
    return text.trimEnd().split(/\r?\n/).at(-1);
  });
}

/**
 * @param descriptor the discretionary part of a security descriptor: `D:AI(A;ID;FA;;;SY)…`
 * @param person who asks, as `S-1-5-21-…`
 * @returns who else may read; undefined for what is not read here
 */
export function parseOthers(descriptor: string, person: string): FileAccess["others"] | undefined {
  if (/^D:[A-Z]*NO_ACCESS_CONTROL/.test(descriptor)) return [describe("WD")];
  const [, list] = /^D:(?:P|AR|AI)*((?:\([^()]*\))*)(?:S:.*)?$/.exec(descriptor) ?? [];
  if (list === undefined) return undefined;
  const others = new Map<string, FileAccess["others"][number]>();
  for (const [, entry = ""] of list.matchAll(/\(([^()]*)\)/g)) {
    const [type, flags = "", rights = "", object, inherited, trustee = "", ...rest] = entry.split(";");
    if (type !== "A" || object !== "" || inherited !== "" || !TRUSTEE.test(trustee) || rest.length > 0) {
      return undefined;
    }
    const canRead = isReading(rights);
    if (canRead === undefined) return undefined;
    if (!canRead || /^(?:..)*IO/.test(flags) || trustee === person || SYSTEM.has(trustee)) continue;
    const one = describe(trustee);
    others.set(one.sid, one);
  }
  return [...others.values()];
}

/** @returns undefined for rights in a form that is not known */
function isReading(rights: string): boolean | undefined {
  if (/^0x[0-9a-f]{1,8}$/i.test(rights)) return (Number(rights) & READING_BITS) !== 0;
  if (!/^(?:[A-Z]{2})*$/.test(rights)) return undefined;
  return rights.match(/../g)?.some((right) => READING_RIGHTS.has(right)) ?? false;
}

function describe(trustee: string): FileAccess["others"][number] {
  const [sid, name] = GROUPS[trustee] ?? Object.values(GROUPS).find(([sid]) => sid === trustee) ?? [trustee, trustee];
  return { sid, name };
}

function decode(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
