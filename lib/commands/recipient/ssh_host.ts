/**
 * `--ssh-host HOST`: the host key of a machine as a recipient, after a person or `--fingerprint` has confirmed it, because
 * a key scan trusts the network. Runs `ssh-keyscan`. Spec: keys §3.
 *
 * @module
 */
import type { Session } from "../../base/show/session.ts";
import { UserError } from "../../base/error.ts";
import { canAsk, confirm } from "../../base/ask/prompts.ts";
import {
  type HostAddress,
  parseFingerprint,
  parseHostAddress,
  scanHostKey,
  type ScannedHostKey,
} from "../../repository/recipients/host_key.ts";
import { type FoundRecipient, parseTypedRecipient, type SshForm } from "../../repository/recipients/lines.ts";

/** What is known about a host key beforehand. */
export interface HostKeyCheck {
  /** The fingerprint that it must have, which answers the question. */
  readonly fingerprint: string | undefined;
  /** Nothing is written, so nothing is asked. */
  readonly isPreview: boolean;
}

/** How a person finds out the fingerprint where it cannot be forged. */
const ON_THE_HOST = "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub";

/**
 * Asks a machine for its key, and a person whether it is the right one.
 *
 * @param address name or address, with a port where it is not ssh's own
 * @returns the recipient, called as the machine
 * @throws {UserError} `usage` when nobody can be asked; `refused` for another fingerprint and for a no; what `scanHostKey`
 * throws
 */
export async function readConfirmedHostKey(
  session: Session,
  address: string,
  check: HostKeyCheck & { readonly form: SshForm },
): Promise<FoundRecipient> {
  const { host } = session;
  const machine = parseHostAddress(address);
  const expected = check.fingerprint === undefined ? undefined : parseFingerprint(check.fingerprint);
  const key = await scanHostKey(host, machine);
  if (expected === undefined) await confirmKey(session, machine, key, check);
  else if (expected !== key.fingerprint) {
    throw new UserError("refused", `"${machine.name}" shows the key ${key.fingerprint}, expected ${expected}`, {
      hints: [`find out why before you trust that key; on the host: ${ON_THE_HOST}`],
    });
  }
  const recipient = parseTypedRecipient(`${machine.name} ${key.line}`, check.form);
  return { ...recipient, name: machine.name, owner: "host", origin: `ssh host key ${key.fingerprint}` };
}

async function confirmKey(
  session: Session,
  { name }: HostAddress,
  { fingerprint }: ScannedHostKey,
  { isPreview }: HostKeyCheck,
): Promise<void> {
  const { host, report } = session;
  const shown = `"${name}" shows the key ${fingerprint}`;
  if (isPreview) return report.say(shown);
  if (!canAsk(host)) {
    throw new UserError("usage", `${shown}, and there is no terminal to confirm it on`, {
      hints: [`compare it with what the host itself tells (${ON_THE_HOST}), then pass --fingerprint ${fingerprint}`],
    });
  }
  report.say(shown);
  report.detail(`the host itself tells it with: ${ON_THE_HOST}`);
  const heading = "whoever has the private half of it will read the files";
  if (await confirm(host, { heading, text: "is that the right key", instead: "pass --fingerprint" })) return;
  throw new UserError("refused", `the key of "${name}" was not confirmed, so nothing was changed`);
}
