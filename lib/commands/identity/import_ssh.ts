/**
 * An ssh key, converted, as `identity import` takes it. I/O through the host. Spec: keys §3.
 *
 * @module
 */
import type { Host } from "../../base/host/host.ts";
import type { PassphraseSource } from "../../base/ask/passphrase.ts";
import { formatPath } from "../../base/show/report.ts";
import { type ImportedIdentity, prepareIdentity } from "../../keys/file/import.ts";
import { openSshIdentity } from "../shared/ssh_identity.ts";

/** What would end the comment line, or what people cannot see. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * @param file as typed
 * @param options the name to note, and where the passphrase is taken from
 * @returns the identity, with a comment that says which key it was made of and when
 * @throws {UserError} as `openSshIdentity()`
 */
export async function readSshIdentity(
  host: Host,
  file: string,
  { name, source }: { readonly name: string | undefined; readonly source: PassphraseSource | undefined },
): Promise<ImportedIdentity> {
  const path = host.paths.resolve(host.cwd, file);
  const identity = await openSshIdentity(host, path, source);
  const when = host.now().toISOString().replace(/\.\d+Z$/, "Z");
  const comment = `# ssh key ${path.replace(UNSAFE, "?")}, converted ${when}`;
  const prepared = await prepareIdentity(identity, [comment], name);
  return { ...prepared, name: prepared.name ?? `ssh key ${formatPath(host, path)}` };
}
