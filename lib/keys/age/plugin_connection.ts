/**
 * The conversation with the program of an age plugin: stanzas over its standard input and output, and what it wants to say
 * to or ask of the person, which goes to the terminal.
 *
 * What the plugin knows stays with it: its standard error is not shown, as in age. I/O through the host. Reference: C2SP, age
 * plugin protocol.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Child, Host } from "../../base/host/host.ts";
import { awaitProgram, formatSilence, isSettledWithin } from "../../base/host/long_wait.ts";
import { askSecret, askText, choose, type Question } from "../../base/ask/prompts.ts";
import { escapeControls } from "../../base/show/terminal.ts";
import { decodeBareBase64 } from "../primitives/base64.ts";
import type { Stanza } from "../primitives/stanza.ts";
import { endsStanzaBody, findStanzaArgs, formatStanza } from "./header.ts";

/** Longest stanza that is read from a plugin, in bytes: far more than any header has. */
const MAX_STANZA_BYTES = 1024 * 1024;

/** How much of a message of a plugin is shown, in UTF-16 code units. */
const MAX_MESSAGE_LENGTH = 500;

/** How many stanzas a plugin sends at most in one conversation, so that one that goes on for ever has an end. */
const MAX_STANZAS = 1_000;

/** How long a plugin may take to end when it is told to, in milliseconds. */
const END_TIMEOUT_MS = 2_000;

const LF = 0x0a;
const NO_BODY = new Uint8Array();

/** A plugin that does not do what it was started for; the message stands after its name. */
export class PluginMalfunction extends Error {
  override readonly name = "PluginMalfunction";
}

/** What a command of the plugin's phase does, by its name; it is answered with `ok`. */
export type PluginCommands = Readonly<Record<string, (stanza: Stanza) => void>>;

/**
 * Starts the program of a plugin.
 *
 * @param machine the state machine that it is asked for
 * @returns undefined when there is no such program
 */
export async function openPlugin(
  host: Host,
  program: string,
  machine: string,
): Promise<PluginConnection | undefined> {
  const options = { stdin: "piped", stdout: "piped", stderr: "null" } as const;
  const child = await host.spawn(program, [`--age-plugin=${machine}`], options);
  return child && new PluginConnection(host, program, child);
}

/** A plugin that runs. */
export class PluginConnection {
  /** Whether the plugin wanted to ask something and nobody could be asked. */
  couldNotAsk = false;
  readonly #host: Host;
  readonly #program: string;
  readonly #child: Child;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;
  #isWaitSaid = false;
  /** It does not read what was sent last, or does not answer. */
  #isGivenUp = false;
  /** What was read and not used yet. */
  #pending: Uint8Array = NO_BODY;

  constructor(host: Host, program: string, child: Child) {
    const { stdin, stdout } = child;
    if (stdin === undefined || stdout === undefined) throw new TypeError("a plugin without pipes");
    this.#host = host;
    this.#program = program;
    this.#child = child;
    this.#input = stdin.getWriter();
    this.#output = stdout.getReader();
  }

  /** Sends a stanza. */
  async send(stanza: Stanza): Promise<void> {
    try {
      await this.#await(this.#input.write(new TextEncoder().encode(formatStanza(stanza))));
    } catch {
      throw await this.#ended();
    }
  }

  /**
   * Does what the plugin wants, up to its `done`; commands that nobody knows are answered with `unsupported`.
   *
   * @throws {PluginMalfunction} when it reports an error, ends early or breaks the protocol
   * @throws {UserError} `cancelled` when the person gives up at a question
   */
  async serve(commands: PluginCommands): Promise<void> {
    for (let count = 0;; count++) {
      if (count === MAX_STANZAS) throw new PluginMalfunction("does not come to an end");
      const stanza = await this.#receive();
      const [command = ""] = stanza.args;
      switch (command) {
        case "done":
          return;
        case "error":
          await this.#answer("ok");
          throw new PluginMalfunction(`says: ${readMessage(stanza)}`);
        case "msg":
          this.#host.stderr.write(`${this.#program}: ${readMessage(stanza)}\n`);
          await this.#answer("ok");
          break;
        case "confirm":
          await this.#confirm(stanza);
          break;
        case "request-public":
        case "request-secret":
          await this.#request(stanza, command === "request-secret");
          break;
        default: {
          const known = Object.hasOwn(commands, command) ? commands[command] : undefined;
          known?.(stanza);
          await this.#answer(known === undefined ? "unsupported" : "ok");
        }
      }
    }
  }

  /** Ends the conversation, and waits for the plugin to end. */
  async close(): Promise<void> {
    const closing = this.#input.close().catch(() => {}); // it may have ended by itself
    if (!this.#isGivenUp) await closing;
    await this.#output.cancel().catch(() => {});
    await this.#end();
  }

  /** @returns the exit status; waits for no plugin that goes on all the same */
  async #end(): Promise<number> {
    this.#child.kill("SIGINT");
    if (!await isSettledWithin(this.#child.status, END_TIMEOUT_MS)) this.#child.kill("SIGKILL");
    return await this.#child.status;
  }

  /** The plugin may wait for a touch, or for ever: the person is told, once; where nobody is, it is given up. */
  async #await<Result>(promise: Promise<Result>): Promise<Result> {
    const { patienceMs } = this.#host;
    const said = this.#isWaitSaid ? promise : this.#sayWaiting(promise);
    if (patienceMs === Infinity || await isSettledWithin(said, patienceMs)) return await said;
    said.catch(() => {});
    this.#isGivenUp = true;
    throw new PluginMalfunction(formatSilence(patienceMs));
  }

  async #sayWaiting<Result>(promise: Promise<Result>): Promise<Result> {
    const say = (text: string): void => {
      this.#isWaitSaid = true;
      this.#host.sayWaiting(text);
    };
    return await awaitProgram({ sayWaiting: say }, `waiting for ${this.#program}`, promise);
  }

  async #confirm(stanza: Stanza): Promise<void> {
    const [, ...options] = stanza.args;
    const [yes, no] = options.map((option) => {
      const bytes = decodeBareBase64(option);
      return bytes && shorten(new TextDecoder().decode(bytes));
    });
    if (options.length > 2 || yes === undefined || (options.length === 2 && no === undefined)) {
      throw new PluginMalfunction("asks a question that is malformed");
    }
    const choices = no === undefined ? [yes] : [yes, no];
    const chosen = await this.#ask(() => choose(this.#host, this.#question(stanza), choices));
    await (chosen === undefined ? this.#answer("fail") : this.#answer("ok", [chosen === 0 ? "yes" : "no"]));
  }

  #question(stanza: Stanza): Question {
    const heading = `${this.#program} needs an answer before it uses its key`;
    return { heading, text: readMessage(stanza), instead: "run it in a terminal" };
  }

  async #request(stanza: Stanza, isSecret: boolean): Promise<void> {
    const question = this.#question(stanza);
    const answer = await this.#ask(async () => {
      if (isSecret) return (await askSecret(this.#host, question)).reveal();
      return new TextEncoder().encode(await askText(this.#host, question));
    });
    await (answer === undefined ? this.#answer("fail") : this.#answer("ok", [], answer));
  }

  /** @returns undefined when nobody can be asked; the plugin decides whether it goes on without an answer */
  async #ask<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof UserError) || error.kind !== "usage") throw error;
      this.couldNotAsk = true;
      return undefined;
    }
  }

  async #answer(command: string, args: readonly string[] = [], body: Uint8Array = NO_BODY): Promise<void> {
    await this.send({ args: [command, ...args], body });
  }

  async #receive(): Promise<Stanza> {
    const args = findStanzaArgs(await this.#line());
    if (args === undefined) throw new PluginMalfunction("does not keep to the plugin protocol");
    let text = "";
    for (;;) {
      const line = await this.#line();
      const isLast = endsStanzaBody(line);
      text += line;
      if (isLast === undefined || text.length > MAX_STANZA_BYTES) break;
      if (!isLast) continue;
      const body = decodeBareBase64(text);
      if (body === undefined) break;
      return { args, body };
    }
    throw new PluginMalfunction("does not keep to the plugin protocol");
  }

  /** The next line without its LF, one character for each byte. */
  async #line(): Promise<string> {
    for (;;) {
      const end = this.#pending.indexOf(LF);
      if (end >= 0) {
        const line = new TextDecoder("latin1").decode(this.#pending.subarray(0, end));
        this.#pending = this.#pending.subarray(end + 1);
        return line;
      }
      if (this.#pending.length > MAX_STANZA_BYTES) throw new PluginMalfunction("does not keep to the plugin protocol");
      const { value } = await this.#await(this.#output.read());
      if (value === undefined) throw await this.#ended();
      const joined = new Uint8Array(this.#pending.length + value.length);
      joined.set(this.#pending);
      joined.set(value, this.#pending.length);
      this.#pending = joined;
    }
  }

  async #ended(): Promise<PluginMalfunction> {
    return new PluginMalfunction(`ended before it was done, with status ${await this.#end()}`);
  }
}

function readMessage({ body }: Stanza): string {
  return shorten(new TextDecoder().decode(body));
}

/** One line, and no control characters: a plugin's text must not paint over what the program says. */
function shorten(text: string): string {
  const line = escapeControls(text.replace(/\s+/g, " ").trim());
  return line.length <= MAX_MESSAGE_LENGTH ? line : `${line.slice(0, MAX_MESSAGE_LENGTH)}…`;
}
