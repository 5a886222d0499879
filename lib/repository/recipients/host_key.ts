/**
 * The ssh host key of a machine, as `ssh-keyscan` sees it over the network, with the fingerprint that a person compares.
 *
 * Says nothing about whether the answer can be trusted: the caller asks. Runs `ssh-keyscan` and nothing else.
 * Spec: keys §3.
 *
 * @module
 */
import { InternalError, UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { parseSshKeyLines } from "../../keys/ssh/key_lines.ts";
import { findSshFingerprint } from "../../keys/ssh/fingerprint.ts";
import { formatSshPublicKey, type SshPublicKey } from "../../keys/ssh/public_key.ts";

/** A machine to ask. */
export interface HostAddress {
  /** Name or address. */
  readonly name: string;
  /** Undefined: ssh's own. */
  readonly port: number | undefined;
}

/** What a machine answered. */
export interface ScannedHostKey {
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly line: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

const MAX_PORT = 65535;

/** `user@` is what people type for ssh; it has no meaning for a host key. */
const ADDRESS =
  /^(?:[^@\s]+@)?(?:\[(?<bracketed>[0-9A-Fa-f:.%\w-]+)\]|(?<name>[^\s:[\]@,/]+)|(?<v6>[0-9A-Fa-f]*(?::[0-9A-Fa-f.]*){2,}))(?::(?<port>\d+))?$/;

const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}=?$/;

/**
 * Reads what a person typed for a machine: `web1`, `web1.example.com:2222`, `[2001:db8::1]:22`, `root@web1`.
 *
 * @throws {UserError} `usage` for anything else; a name that begins with `-` would be an option of `ssh-keyscan`
 */
export function parseHostAddress(text: string): HostAddress {
  const parts = ADDRESS.exec(text)?.groups;
  const name = parts?.["bracketed"] ?? parts?.["name"] ?? parts?.["v6"];
  const port = parts?.["port"] === undefined ? undefined : Number(parts["port"]);
  if (name === undefined || name.startsWith("-") || (port !== undefined && (port < 1 || port > MAX_PORT))) {
    throw new UserError("usage", `--ssh-host is "${text}", expected a host name or address`, {
      hints: ["write it as HOST or HOST:PORT"],
    });
  }
  return { name, port };
}

/**
 * Checks a fingerprint that a person gave.
 *
 * @returns it as `ssh-keygen -l` prints it
 * @throws {UserError} `usage` when it is none
 */
export function parseFingerprint(text: string): string {
  if (FINGERPRINT.test(text)) return text.replace(/=$/, "");
  throw new UserError("usage", `--fingerprint is "${text}", expected SHA256: and 43 characters`, {
    hints: ["on the host itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"],
  });
}

/**
 * Asks a machine for its ed25519 host key.
 *
 * @throws {UserError} `unsupported` without `ssh-keyscan` on this machine; `not-found` when the machine does not answer or
 * has no such key; `refused` for different keys in one answer
 */
export async function scanHostKey(host: Host, { name, port }: HostAddress): Promise<ScannedHostKey> {
  const args = ["-t", "ed25519", ...(port === undefined ? [] : ["-p", String(port)]), "--", name];
  const result = await host.run("ssh-keyscan", args);
  if (result === undefined) {
    throw new UserError("unsupported", `cannot ask "${name}" for its key: there is no ssh-keyscan on this machine`, {
      hints: ["copy /etc/ssh/ssh_host_ed25519_key.pub from the host, and pass it with --ssh-key"],
    });
  }
  const keys = new Map<string, SshPublicKey>();
  for (const { found } of parseSshKeyLines(new TextDecoder().decode(result.stdout))) {
    if (found.kind === "key" && found.key.type === "ssh-ed25519") keys.set(found.key.encoded, found.key);
  }
  const [key, ...others] = keys.values();
  if (key === undefined) throw noAnswer(name, port, new TextDecoder().decode(result.stderr));
  if (others.length > 0) {
    throw new UserError("refused", `"${name}" answers with ${keys.size} different ed25519 keys, expected one`, {
      hints: ["name one machine by its address"],
    });
  }
  const fingerprint = await findSshFingerprint(key);
  if (fingerprint === undefined) throw new InternalError("a host key was read that is no Base64");
  return { line: formatSshPublicKey(key), fingerprint };
}

/** The last thing that ssh-keyscan itself complained about; lines with `#` only tell what it found. */
function noAnswer(name: string, port: number | undefined, complaints: string): UserError {
  const complaint = complaints.split("\n").findLast((line) => line.trim() !== "" && !line.startsWith("#"));
  return new UserError(
    "not-found",
    `"${name}" shows no ed25519 host key${port === undefined ? "" : ` on port ${port}`}`,
    {
      details: complaint === undefined ? [] : [complaint.trim()],
      hints: ["check the name, and that an ssh server with an ed25519 key answers there"],
    },
  );
}
