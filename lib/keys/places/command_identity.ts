/**
 * The command of `SOPS_AGE_KEY_CMD` or `SOPS_AGE_SSH_PRIVATE_KEY_CMD` as a place of identities: run when a file needs it, at
 * most once for a recipient, and no more once it has shown that it does not look at the recipient.
 *
 * I/O through the host. Spec: sops-engine §2.3.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { equalBytes } from "../../base/bytes.ts";
import type { Host } from "../../base/host/host.ts";
import type { UsableIdentity } from "../age/unwrap.ts";
import type { Identity } from "../primitives/stanza.ts";
import { runKeyCommand } from "./key_command.ts";

/** How what a command prints is read. */
export interface OutputReader {
  /** The variable, for people. */
  readonly origin: string;
  /** Whether the command is never told the recipient. */
  readonly isSameForAll: boolean;
  readonly stanzaTypes?: readonly string[];
  /** @throws {UserError} for what SOPS would drop */
  readonly read: (output: Uint8Array) => Promise<readonly UsableIdentity[]>;
}

/** What the command has printed, and what it is. */
interface Answer {
  readonly output: Uint8Array;
  readonly identities: readonly UsableIdentity[];
}

/** @returns the command as one identity, which opens to those that it prints */
export function createCommandIdentity(
  host: Host,
  command: string,
  reader: OutputReader,
): Omit<UsableIdentity, "origin"> {
  const answers: Answer[] = [];
  const failures = new Map<string, unknown>();
  let failureForAll: UserError | undefined;
  let isSameForAll = reader.isSameForAll;
  const find = async (recipient: string): Promise<Answer | undefined> => {
    if (isSameForAll) return answers[0];
    for (const answer of answers) {
      for (const identity of answer.identities) if (await identity.findRecipient() === recipient) return answer;
    }
    return undefined;
  };
  const run = async (recipient: string): Promise<Answer> => {
    const output = await runKeyCommand(host, command, reader.isSameForAll ? undefined : recipient);
    if (!(output instanceof Uint8Array)) {
      const failure = new UserError("no-identity", `cannot use ${reader.origin}: it ${output.text}`, {
        hints: [`run it by hand: sh -c "$${reader.origin}"`],
      });
      if (output.isForAll) failureForAll = failure;
      throw failure;
    }
    const known = answers.find((answer) => equalBytes(answer.output, output));
    if (known !== undefined) isSameForAll = true;
    const answer = known ?? { output, identities: await reader.read(output) };
    if (known === undefined) answers.push(answer);
    return answer;
  };
  return {
    cost: "command",
    ...(reader.stanzaTypes === undefined ? {} : { stanzaTypes: reader.stanzaTypes }),
    findRecipient: () => Promise.resolve(undefined),
    async open(recipient) {
      const question = reader.isSameForAll ? "" : recipient;
      if (failureForAll !== undefined) throw failureForAll;
      if (failures.has(question)) throw failures.get(question);
      try {
        const { identities } = await find(recipient) ?? await run(recipient);
        const opened: Identity[] = [];
        for (const identity of identities) opened.push(...await identity.open(recipient));
        return opened;
      } catch (error) {
        failures.set(question, error);
        throw error;
      }
    },
  };
}
