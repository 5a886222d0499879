/**
 * An age plugin for tests, as a program: `age-plugin-testing`. Keeps nothing secret: it wraps by an exclusive or with a fixed
 * pad. The first byte of a recipient's or identity's data says how it behaves, see {@link PLUGIN_MODES}.
 *
 * @module
 */
import { decodeBech32, encodeBech32 } from "../../lib/keys/primitives/bech32.ts";

/** What the plugin of a recipient or identity does, by the first byte of its data. */
export const PLUGIN_MODES = {
  /** Nothing but its work. */
  plain: 0,
  /** Asks for a PIN, which is 1234. */
  pin: 1,
  /** Asks for a confirmation. */
  confirm: 2,
  /** Says something, and sends commands that nobody knows. */
  grease: 3,
  /** Reports an error. */
  error: 4,
  /** Ends at once. */
  crash: 5,
  /** Sends what is no stanza. */
  garbage: 6,
  /** Asks for something that is not secret, which is "blue". */
  colour: 7,
  /** Says something for ever. */
  chatter: 8,
  /** Does its work, and goes on when it is told to end. */
  stubborn: 9,
  /** Takes longer than a person waits without a word. */
  slow: 10,
  /** Never answers. */
  silent: 11,
} as const;

const PREFIX = "age1testing";
const STANZA_TYPE = "testing";
const PAD = 0xa5;

/** @returns a recipient of the plugin */
export function testingRecipient(mode: keyof typeof PLUGIN_MODES): string {
  return encodeBech32({ prefix: PREFIX, bytes: Uint8Array.of(PLUGIN_MODES[mode]) });
}

/** @returns an identity of the plugin; TEST KEY, worthless */
export function testingIdentity(mode: keyof typeof PLUGIN_MODES): string {
  return encodeBech32({ prefix: "age-plugin-testing-", bytes: Uint8Array.of(PLUGIN_MODES[mode]) }).toUpperCase();
}

/** Lays the program out in a folder, to be put into `PATH`. */
export async function layOutPlugin(folder: string): Promise<void> {
  const path = `${folder}/age-plugin-testing`;
  const script = `#!/bin/sh\nexec "${Deno.execPath()}" run --quiet --no-lock "${import.meta.filename}" "$@"\n`;
  await Deno.writeTextFile(path, script);
  await Deno.chmod(path, 0o755);
}

/** A stanza of the conversation. */
interface Message {
  readonly args: string[];
  readonly body: Uint8Array;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();
let pending = "";

function readLine(): string {
  while (!pending.includes("\n")) {
    const buffer = new Uint8Array(4096);
    const length = Deno.stdin.readSync(buffer);
    if (length === null) Deno.exit(9);
    pending += decoder.decode(buffer.subarray(0, length));
  }
  const end = pending.indexOf("\n");
  const line = pending.slice(0, end);
  pending = pending.slice(end + 1);
  return line;
}

function receive(): Message {
  const args = readLine().split(" ").slice(1);
  let text = "";
  for (;;) {
    const line = readLine();
    text += line;
    if (line.length < 64) return { args, body: Uint8Array.fromBase64(text) };
  }
}

function send(command: string, text: string | Uint8Array = ""): void {
  const body = (typeof text === "string" ? encoder.encode(text) : text).toBase64({ omitPadding: true });
  const lines: string[] = [];
  for (let start = 0; start <= body.length; start += 64) lines.push(body.slice(start, start + 64));
  Deno.stdout.writeSync(encoder.encode(`-> ${command}\n${lines.join("\n")}\n`));
}

function request(command: string, text: string | Uint8Array = ""): Message {
  send(command, text);
  return receive();
}

function pad(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => byte ^ PAD);
}

function fail(message: string): never {
  request("error internal", message);
  send("done");
  Deno.exit(1);
}

function behave(mode: number | undefined): void {
  switch (mode) {
    case PLUGIN_MODES.pin:
      if (decoder.decode(request("request-secret", "the PIN of the test device").body) !== "1234") fail("wrong PIN");
      break;
    case PLUGIN_MODES.colour:
      if (decoder.decode(request("request-public", "your favourite colour").body) !== "blue") fail("wrong colour");
      break;
    case PLUGIN_MODES.confirm: {
      const [yes, no] = ["plug it in", "skip it"].map((text) => encoder.encode(text).toBase64({ omitPadding: true }));
      if (request(`confirm ${yes} ${no}`, "the test device is not there").args[1] !== "yes") fail("skipped");
      break;
    }
    case PLUGIN_MODES.grease:
      if (request("msg", "touch the test device\u001b[2J").args[0] !== "ok") fail("msg was not answered");
      if (request("grease-of-tests 1 2", "anything").args[0] !== "unsupported") fail("grease was understood");
      if (request("toString", "anything").args[0] !== "unsupported") fail("grease was understood");
      break;
    case PLUGIN_MODES.error:
      fail("the test device is broken");
      break;
    case PLUGIN_MODES.crash:
      Deno.exit(3);
      break;
    case PLUGIN_MODES.chatter:
      while (request("msg", "still here").args[0] === "ok");
      Deno.exit(9);
      break;
    case PLUGIN_MODES.stubborn:
      Deno.addSignalListener("SIGINT", () => {});
      setInterval(() => {}, 1_000);
      break;
    case PLUGIN_MODES.slow:
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
      break;
    case PLUGIN_MODES.silent:
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600_000);
      break;
    case PLUGIN_MODES.garbage:
      Deno.stdout.writeSync(encoder.encode("hello\n"));
      break;
  }
}

function runRecipientMachine(): void {
  let mode: number | undefined;
  let fileKey: Uint8Array | undefined;
  for (let message = receive(); message.args[0] !== "done"; message = receive()) {
    const [command, argument = ""] = message.args;
    if (command === "add-recipient" || command === "add-identity") mode = decodeBech32(argument)?.bytes[0];
    if (command === "wrap-file-key") fileKey = message.body;
  }
  behave(mode);
  request("labels");
  if (fileKey !== undefined) request(`recipient-stanza 0 ${STANZA_TYPE} ${mode}`, pad(fileKey));
  send("done");
}

function runIdentityMachine(): void {
  let mode: number | undefined;
  const bodies: Uint8Array[] = [];
  for (let message = receive(); message.args[0] !== "done"; message = receive()) {
    const [command, argument = "", type] = message.args;
    if (command === "add-identity") mode = decodeBech32(argument)?.bytes[0];
    if (command === "recipient-stanza" && type === STANZA_TYPE) bodies.push(message.body);
  }
  if (bodies.length > 0) behave(mode);
  for (const body of bodies) request("file-key 0", pad(body));
  send("done");
}

if (import.meta.main) {
  if (Deno.args[0] === "--age-plugin=recipient-v1") runRecipientMachine();
  else if (Deno.args[0] === "--age-plugin=identity-v1") runIdentityMachine();
  else Deno.exit(2);
}
