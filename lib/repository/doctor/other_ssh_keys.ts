/**
 * The ssh keys of this machine that SOPS does not try, by their public halves: those of the person under other names, and
 * the host key, which sops-nix uses as root. Private halves are not opened. I/O through the host. Spec: keys §3.
 *
 * @module
 */
import { findHome } from "../../base/host/home.ts";
import type { Host } from "../../base/host/host.ts";
import { formatPath } from "../../base/show/report.ts";
import { convertSshPublicKey, findConvertedRecipient } from "../../keys/ssh/convert.ts";
import { findPublicHalf } from "../../keys/ssh/private_identity.ts";
import { findSshPublicKey, formatSshPublicKey } from "../../keys/ssh/public_key.ts";
import type { LocalIdentity, Obstacle } from "./finding.ts";
import { convertedIdentity } from "./ssh_key.ts";

/** The names that SOPS tries by itself. */
const TRIED_NAMES: ReadonlySet<string> = new Set(["id_ed25519", "id_rsa"]);

/** What hosts are known by, and what sops-nix uses by default (`sops.age.sshKeyPaths`). */
const HOST_KEY = "/etc/ssh/ssh_host_ed25519_key";

const PUBLIC_ENDING = ".pub";

/**
 * @param wanted recipients of the files that are looked at
 * @param known the identities that were found at the other places
 * @returns what each key would open if SOPS were told of it, and what it would open once it is converted; and ssh keys of
 * which only the converted half is here
 */
export async function findOtherSshKeys(
  host: Host,
  wanted: readonly string[],
  known: readonly LocalIdentity[],
): Promise<readonly LocalIdentity[]> {
  return [...await findOwnKeys(host), ...findHostKey(host), ...findConverted(wanted, known)];
}

/** The keys of the person that files have as ssh keys, where only the age keys are here that they convert to. */
function findConverted(wanted: readonly string[], known: readonly LocalIdentity[]): LocalIdentity[] {
  const usable = known.filter(({ obstacle }) => obstacle === undefined);
  return wanted.flatMap((recipient) => {
    const publicKey = findSshPublicKey(recipient);
    const converted = publicKey === undefined ? undefined : findConvertedRecipient(publicKey);
    const own = usable.find((identity) => converted !== undefined && identity.recipient === converted);
    if (own === undefined) return [];
    const obstacle: Obstacle = {
      reason: "only as the age key that it converts to: SOPS needs the ssh key itself",
      repair: { kind: "name-ssh-key" },
    };
    return [{ recipient, origin: own.origin, isLocked: own.isLocked, obstacle }];
  });
}

async function findOwnKeys(host: Host): Promise<LocalIdentity[]> {
  const home = findHome(host);
  if (home === undefined) return [];
  const folder = host.paths.join(home, ".ssh");
  const found: LocalIdentity[] = [];
  for (const name of await listNames(host, folder)) {
    const privateName = name.slice(0, -PUBLIC_ENDING.length);
    if (!name.endsWith(PUBLIC_ENDING) || TRIED_NAMES.has(privateName)) continue;
    const path = host.paths.join(folder, privateName);
    const publicKey = findPublicHalf(host, path);
    if (publicKey === undefined || !await exists(host, path)) continue;
    const origin = formatPath(host, path);
    const obstacle: Obstacle = {
      reason: "SOPS tries only id_ed25519 and id_rsa by itself",
      repair: { kind: "set-variable", variable: "SOPS_AGE_SSH_PRIVATE_KEY_FILE", path },
    };
    found.push({ recipient: formatSshPublicKey(publicKey), origin, isLocked: false, obstacle });
    found.push(...convertedIdentity(publicKey, path, { origin, isLocked: false }));
  }
  return found;
}

function findHostKey(host: Host): LocalIdentity[] {
  if (host.os === "windows") return [];
  const publicKey = findPublicHalf(host, HOST_KEY);
  if (publicKey?.type !== "ssh-ed25519") return [];
  const obstacle: Obstacle = {
    reason: "that is the key of this host, which sops-nix uses and SOPS does not",
    repair: { kind: "use-host-key", path: HOST_KEY },
  };
  return [{ recipient: convertSshPublicKey(publicKey), origin: HOST_KEY, isLocked: false, obstacle }];
}

async function listNames(host: Host, folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of host.files.list(folder)) names.push(name);
  } catch {
    return []; // no such folder, or closed to the person
  }
  return names.toSorted();
}

async function exists(host: Host, path: string): Promise<boolean> {
  try {
    return await host.files.stat(path) !== undefined;
  } catch {
    return false; // closed to the person
  }
}
