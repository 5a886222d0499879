/**
 * What can be read on a test machine: the private halves that lie about, and the encrypted files that those of the person
 * open. A step that is printed may add to it, and never takes away.
 *
 * @module
 */
import { Secret } from "../../lib/base/secret.ts";
import { deriveRecipient } from "../../lib/keys/age/identity.ts";
import { decryptWithPassphrase } from "../../lib/keys/file/passphrase_file.ts";
import { findMetadata } from "../../lib/sops/metadata/metadata.ts";
import { walk } from "./case_shell.ts";
import { IDENTITY_PATTERN } from "./test_host.ts";

/** What is readable. */
export interface Readable {
  /** The private halves, in variables and files. */
  readonly halves: ReadonlySet<string>;
  /** Encrypted files, relative to the root, that an identity of a variable or of the home folder opens. */
  readonly files: ReadonlySet<string>;
}

/** The passphrase of everything in the pages that has one. */
export const TEST_PASSPHRASE = "test passphrase";

const PRIVATE_BLOCK = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+/g;
const PLUGIN_IDENTITY = /AGE-PLUGIN-[0-9A-Z-]+1[0-9A-Z]+/g;

/** @param root the folder above the working folder and the home folder */
export async function findReadable(root: string, env: Readonly<Record<string, string>>): Promise<Readable> {
  const halves = new Set<string>();
  const own = new Set<string>();
  for (const half of Object.values(env).flatMap(halvesIn)) halves.add(half) && own.add(half);
  const encrypted: { path: string; keys: readonly string[] }[] = [];
  await walk(root, "", async (path, info) => {
    if (!info.isFile || info.size > MAX_BYTES || path.includes(".git/")) return;
    const bytes = await readQuietly(`${root}/${path}`);
    for (const half of halvesIn(new TextDecoder().decode(bytes))) {
      halves.add(half);
      if (path.startsWith("home/")) own.add(half);
    }
    const metadata = findMetadata(bytes, path);
    const groups = metadata?.groups.map(({ keys }) => keys.map(({ text }) => text)) ?? [];
    if (metadata !== undefined) encrypted.push({ path, keys: groups.flat() });
  });
  const recipients = new Set<string>();
  for (const half of own) if (half.startsWith("AGE-SECRET-KEY-")) recipients.add(await recipientOf(half));
  const opened = encrypted.filter(({ keys }) => keys.some((key) => recipients.has(key)));
  return { halves, files: new Set(opened.map(({ path }) => path)) };
}

/** Of a larger file nothing is read, in bytes. */
const MAX_BYTES = 1024 * 1024;

/** @returns what was readable and is not any more, for people; a half behind {@link TEST_PASSPHRASE} is readable */
export async function findLost(root: string, before: Readable, after: Readable): Promise<string[]> {
  const files = Array.from(before.files).filter((path) => !after.files.has(path));
  let halves = Array.from(before.halves).filter((half) => !after.halves.has(half));
  if (halves.length > 0) {
    const protectedHalves = await findProtected(root);
    halves = halves.filter((half) => !protectedHalves.has(half));
  }
  const existing = await Promise.all(files.map(async (path) => await exists(`${root}/${path}`)));
  return [
    ...(halves.length === 0 ? [] : [`${halves.length} private half or halves are gone`]),
    ...files.filter((_, index) => existing[index]).map((path) => `${path} cannot be opened any more`),
  ];
}

async function findProtected(root: string): Promise<Set<string>> {
  const halves = new Set<string>();
  await walk(root, "", async (path, info) => {
    if (!info.isFile || info.size > MAX_BYTES) return;
    const bytes = await readQuietly(`${root}/${path}`);
    if (!/^(?:-----BEGIN AGE|age-encryption\.org)/.test(new TextDecoder().decode(bytes))) return;
    const plain = await decryptWithPassphrase(bytes, new Secret(TEST_PASSPHRASE), path).catch(() => undefined);
    if (plain instanceof Uint8Array) { for (const half of halvesIn(new TextDecoder().decode(plain))) halves.add(half); }
  });
  return halves;
}

function halvesIn(text: string): string[] {
  return [IDENTITY_PATTERN, PRIVATE_BLOCK, PLUGIN_IDENTITY].flatMap((pattern) => text.match(pattern) ?? []);
}

const recipientsByHalf = new Map<string, string>();

async function recipientOf(half: string): Promise<string> {
  const known = recipientsByHalf.get(half) ?? await deriveRecipient(new Secret(half)).catch(() => "");
  recipientsByHalf.set(half, known);
  return known;
}

async function readQuietly(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch {
    return new Uint8Array(); // a file that its mode closes, or that has gone
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
