/**
 * `secret exec -- COMMAND`: a command with the secrets of a vault in its environment, and nowhere else.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { waitForChild } from "../../base/host/signals.ts";
import type { Session } from "../../base/show/session.ts";
import { formatSecret, readSecrets } from "../../repository/secrets/values.ts";
import { findSecretTarget, openSecretFile, type SecretFlags } from "./target.ts";

/** The flags of `secret exec`. */
export type SecretExecFlags = Omit<SecretFlags, "json">;

/**
 * Runs a command.
 *
 * @returns its exit status
 * @throws {UserError} `usage` without a command; `not-found` for one that is not there; as opening does
 */
export async function secretExec(flags: SecretExecFlags, words: readonly string[], session: Session): Promise<number> {
  const { host } = session;
  const [command, ...args] = words;
  if (command === undefined) {
    throw new UserError("usage", "no command to run", { hints: ["write it behind --: sopsmith secret exec -- env"] });
  }
  const opened = await openSecretFile(session, await findSecretTarget(session, flags));
  const env = Object.fromEntries(readSecrets(opened).map((secret) => [secret.name, formatVariable(secret)]));
  const child = await host.spawn(command, args, { env });
  if (child === undefined) throw new UserError("not-found", `cannot run "${command}": there is no such command`);
  return await waitForChild(host, child);
}

function formatVariable(secret: Parameters<typeof formatSecret>[0]): string {
  const text = formatSecret(secret);
  if (!text.includes("\0")) return text;
  throw new UserError("unsupported", `cannot hand over "${secret.name}": it holds a NUL byte`);
}
