/**
 * No command shows what it must not: values of files and private keys stand in no message, in no argument of another
 * program and in no file that is left behind, whether the command succeeds or fails. The table has every command.
 */
import { run } from "../../main.ts";
import { COMMANDS } from "../../lib/commands/command_table.ts";
import { EXIT } from "../../lib/base/exit_code.ts";
import type { CommandSpec } from "../../lib/commands/shared/command.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../keys/test_keys.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { walk } from "../support/case_shell.ts";
import { CANARY } from "../support/secret_documents.ts";
import { hostWith } from "../../lib/base/host/host.ts";
import { type TestHost, testHost } from "../support/test_host.ts";

const { recipient, identity } = TEST_X25519;
const OTHER = TEST_X25519_OTHER.recipient;

const NIX_SECRET = `cache.example.org-1:${btoa("\x07".repeat(64))}`;

/** How a command is tried. */
interface Trial {
  readonly args: readonly string[];
  readonly stdin?: string;
  /** Whether what it prints on standard output is a secret that was asked for. */
  readonly printsSecret?: boolean;
  /** Whether it writes a secret to a file that was asked for, beside the files that are there. */
  readonly writes?: string;
}

/** Trials by the words of the command; `@` is an encrypted file. Each is tried on a good file and on damaged ones. */
const TRIALS: Readonly<Record<string, readonly Trial[]>> = {
  "keygen": [{ args: ["--force"] }, { args: ["--force", "--dry-run"] }, { args: ["none"] }],
  "secret keygen": [{ args: ["--force"] }],
  "status": [{ args: [] }, { args: ["@", "plain.yaml"] }],
  "check": [{ args: [] }, { args: ["@", "plain.yaml", "--sarif"] }, { args: ["--sarif"] }],
  "access": [{ args: [] }, { args: ["@"] }, { args: [identity] }, { args: ["--svg", "-"] }],
  "secret set": [
    { args: [`A=${CANARY}`] },
    { args: [`${CANARY}=`, "--stack", "../x"] },
    { args: ["A", "--stdin"], stdin: `${CANARY}\n` },
    { args: ["A"] },
    { args: ["A", "--stdin", "--stack", "x", "--json"], stdin: CANARY },
  ],
  "secret init": [{ args: ["--input", "-"], stdin: `A=${CANARY}\n` }, { args: ["--input", "plain.yaml"] }],
  "secret validate": [{ args: ["a", "none"] }, { args: [identity, "--stack", "x"] }],
  "secret get": [{ args: ["a"], printsSecret: true }, { args: ["list"], printsSecret: true }, { args: ["none"] }],
  "secret list": [{ args: [] }, { args: ["--stack", "x"] }, { args: ["--format", "json", "--verbose"] }],
  "secret delete": [{ args: ["a"] }, { args: ["a", "--force"] }, { args: ["none", "--force"] }, {
    args: ["--all", "--force"],
  }],
  "secret import": [{ args: ["-"], stdin: `A=${CANARY}\n` }, { args: ["-"], stdin: `A=1\n${CANARY}\n` }, {
    args: ["-", "--format", "json"],
    stdin: `{"a": ${CANARY}}`,
  }],
  "secret push": [{ args: ["--input", "plain.yaml"] }, { args: [] }],
  "secret pull": [{ args: ["--format", "json"], printsSecret: true }, { args: ["-o", "out.env"], writes: "out.env" }, {
    args: ["--format", "json", "-o", "out.json"],
    writes: "out.json",
  }],
  "secret exec": [{ args: ["--stack", "x", "--", "true"] }, { args: [] }],
  "init": [{ args: ["--new-key", "--name", "me"] }, { args: ["--recipient", identity] }],
  "doctor": [{ args: [] }, { args: ["@"] }, { args: ["plain.yaml"] }],
  "completion": [{ args: ["bash"] }],
  "edit": [{ args: ["--from", "plain.yaml", "@"] }, { args: ["--from", "@", "@"] }, { args: ["@"] }],
  "git setup": [{ args: [] }, { args: ["--dry-run"] }],
  "git textconv": [{ args: ["@"], printsSecret: true }, { args: ["none"] }],
  "git merge": [{ args: ["@", "@", "@", "@"] }, { args: ["plain.yaml", "@", "plain.yaml", "@"] }],
  "encrypt": [{ args: ["plain.yaml"] }, { args: ["--age", identity, "plain.yaml"] }, { args: ["@"] }],
  "decrypt": [
    { args: ["@"], printsSecret: true },
    { args: ["--output", "out.yaml", "@"], writes: "out.yaml" },
    { args: ["--extract", '["none"]', "@"] },
    { args: ["--output-type", "dotenv", "@"], printsSecret: true },
  ],
  "get": [{ args: ["@", '["a"]'], printsSecret: true }, { args: ["@", '["none"]'] }],
  "set": [
    { args: ["@", '["a"]', `"${CANARY}"`] },
    { args: ["@", '["a"]', CANARY] },
    { args: ["@", '["a"]["b"]', "1"] },
    { args: ["--value-stdin", "@", '["a"]'], stdin: `"${CANARY}"` },
    { args: ["--value-stdin", "@", '["a"]'], stdin: `${CANARY}"` },
  ],
  "unset": [{ args: ["@", '["a"]'] }, { args: ["@", '["none"]'] }],
  "rotate": [
    { args: ["-i", "@"] },
    { args: ["-i", "--add-age", identity, "@"] },
    { args: ["--dry-run", "-i", "@"] },
    { args: ["--yes"] },
    { args: ["--yes", "--json"] },
    { args: ["--dry-run"] },
  ],
  "updatekeys": [
    { args: ["-y", "@"] },
    { args: ["@"] },
    { args: ["--yes", "--rotate"] },
    { args: ["--yes", "--rewrap", "--json"] },
    { args: ["--dry-run"] },
  ],
  "filestatus": [{ args: ["@"] }, { args: ["plain.yaml"] }],
  "exec-env": [{ args: ["@", "true"] }, { args: ["@", "exit 3"] }],
  "exec-file": [{ args: ["@", "test -s {}"] }, { args: ["@", "exit 3"] }],
  "vault list": [{ args: [] }],
  "vault show": [{ args: ["default"] }, { args: ["none"] }],
  "identity list": [{ args: [] }, { args: ["keys.txt"] }],
  "identity public": [{ args: ["keys.txt"] }, { args: ["-"], stdin: `${identity} x\n` }],
  "identity import": [{ args: ["-"], stdin: `${identity}\nnonsense ${identity}\n` }, {
    args: ["--dry-run", "keys.txt"],
  }],
  "identity export": [{ args: [], printsSecret: true }, { args: ["--reveal"], printsSecret: true }],
  "identity protect": [{ args: ["--dry-run", "--passphrase-file", "passphrase"] }],
  "identity unprotect": [{ args: ["--passphrase-file", "passphrase"] }],
  "identity store": [{ args: ["default"] }],
  "recipient list": [{ args: [] }],
  "recipient add": [{ args: ["bob", identity, "--rule", "1"] }, { args: ["bob", OTHER, "--rule", "1"] }],
  "recipient remove": [{ args: [identity] }],
  "recipient rename": [{ args: ["me", identity] }, { args: ["me", "you"] }],
  "recipient set": [{ args: [identity, "--rule", "1"] }],
  "recipient import": [{ args: ["keys.txt", "--rule", "1"] }],
  "rules list": [{ args: [] }],
  "rules explain": [{ args: ["@"] }],
  "rules lint": [{ args: [] }],
  "rules add": [{ args: ["^x/", identity] }, { args: ["^x/", OTHER] }],
  "ssh-to-age": [{ args: [], stdin: `${identity}\n` }, { args: ["--private-key"], stdin: `${identity}\n` }],
  "nix key generate-secret": [{ args: ["--key-name", "x-1", "--out", "nix"], writes: "nix" }],
  "nix key convert-secret-to-public": [{ args: [], stdin: `${NIX_SECRET}x` }, { args: [], stdin: NIX_SECRET }],
  "nix store sign": [{ args: ["--key-file", "nix-secret", "cache"] }, { args: ["--key-file", "keys.txt", "cache"] }],
  "nix store verify": [{ args: ["--trusted-public-keys", NIX_SECRET, "cache"] }],
};

const PLAIN = `a: ${CANARY}-a\nlist:\n  - ${CANARY}-b\n# ${CANARY}-c\n`;

/** What is done to the encrypted file before a trial. */
const DAMAGES: Readonly<Record<string, (text: string) => string>> = {
  "as it was": (text) => text,
  "a value in clear": (text) => text.replace(/ENC\[[^\]]*\]/, `${CANARY}-typed`),
  "a value changed": (text) => text.replace("data:", "data:AAAA"),
  "no metadata": (text) => text.slice(0, text.indexOf("sops:")) + `${CANARY}: [\n`,
  "a key in the metadata": (text) => text.replace(recipient, identity),
};

async function prepare(damage: (text: string) => string): Promise<TestHost> {
  const host = await testHost({
    env: { EDITOR: "false", SOPS_EDITOR: undefined },
    files: {
      ".sops.yaml": `creation_rules:\n  - age: ${recipient} # me\n`,
      "plain.yaml": PLAIN,
      "db.yaml": PLAIN,
      "keys.txt": `${identity}\n`,
      "passphrase": `${CANARY}-passphrase\n`,
      "nix-secret": NIX_SECRET,
      "cache/x.narinfo": "StorePath: /nix/store/x\n",
      "secrets/secrets.yaml": PLAIN,
      "~/.config/sops/age/keys.txt": `${identity}\n`,
    },
  });
  assertEquals(await run(["encrypt", "-i", "db.yaml"], host), EXIT.done, host.written("stderr"));
  assertEquals(await run(["encrypt", "-i", "secrets/secrets.yaml"], host), EXIT.done);
  await host.writeText("db.yaml", damage(await host.readText("db.yaml")));
  return host;
}

/** @returns the files that hold a secret, by path */
async function findSecrets(host: TestHost): Promise<string[]> {
  const found: string[] = [];
  await walk(host.root, `${host.root}/`, async (path, info) => {
    if (info.isFile && holdsSecret(await Deno.readTextFile(path))) found.push(path.slice(path.lastIndexOf("/") + 1));
  });
  return found.sort();
}

function holdsSecret(text: string): boolean {
  return [CANARY, identity, NIX_SECRET].some((secret) => text.includes(secret)) || /AGE-SECRET-KEY-1\w{50}/.test(text);
}

Deno.test("the table of trials has every command, and no other", () => {
  assertEquals(Object.keys(TRIALS).sort(), COMMANDS.map(({ words }) => words.join(" ")).sort());
});

async function tryCommand({ words, flags }: CommandSpec, trial: Trial, damage: string): Promise<void> {
  for (const json of "json" in flags ? [false, true] : [false]) {
    await using host = await prepare(DAMAGES[damage]!);
    const before = await findSecrets(host);
    const args = [...words, ...json ? ["--json"] : [], ...trial.args.map((word) => word === "@" ? "db.yaml" : word)];
    const seen: string[] = [];
    const watched = hostWith(host, {
      stdin: { ...host.stdin, read: () => Promise.resolve(new TextEncoder().encode(trial.stdin ?? "")) },
      run: (command, words, options) => {
        seen.push(command, ...words);
        return host.run(command, words, options);
      },
      spawn: (command, words, options) => {
        seen.push(command, ...words);
        return host.spawn(command, words, options);
      },
    });
    const written = host.output.length;
    const code = await run(args, watched);
    const output = host.output.slice(written);
    const printed = (stream: string): string =>
      output.filter((piece) => piece.stream === stream).map(({ text }) => text).join("");
    const label = `${args.join(" ")} with ${damage} ended with ${code}`;
    assert(code !== EXIT.internal, `${label}: ${printed("stderr")}`);
    assert(!holdsSecret(printed("stderr")), `${label}: a secret in a message: ${printed("stderr")}`);
    if (!trial.printsSecret || code !== EXIT.done) {
      assert(!holdsSecret(printed("stdout")), `${label}: a secret on standard output: ${printed("stdout")}`);
    }
    assert(!seen.some(holdsSecret), `${label}: a secret in an argument`);
    const after = await findSecrets(host);
    assertEquals(after.filter((name) => !before.includes(name) && name !== trial.writes), [], `${label}: left behind`);
  }
}

for (const spec of COMMANDS) {
  const words = spec.words.join(" ");
  Deno.test(`${words} shows no secret, whatever happens`, async () => {
    const trials = TRIALS[words] ?? [];
    assert(trials.length > 0, "there is a trial");
    for (const trial of trials) {
      const damages = trial.args.includes("@") ? Object.keys(DAMAGES) : ["as it was"];
      for (const damage of damages) await tryCommand(spec, trial, damage);
    }
  });
}
