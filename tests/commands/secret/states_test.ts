/**
 * Every `secret` command in every state in which it cannot do its work: the exit code, an error that programs can read, no
 * value of anybody's shown, and no file changed.
 */
import { run } from "../../../main.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../../keys/test_keys.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { type FileOperation, type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";

const CANARY = "cAnArY-of-states";

/** A program that prints the variable `A`. */
const PRINT_A = Deno.build.os === "windows" ? ["cmd", "/d", "/c", "echo %A%"] : ["printenv", "A"];

/** What each command is given; `behind` stands behind all flags. */
const COMMANDS = {
  "init": { args: ["--input", "new.env"] },
  "set": { args: ["A", "--stdin"] },
  "get": { args: ["A"] },
  "list": { args: [] },
  "delete": { args: ["A", "--force"] },
  "delete --all": { args: ["--force"] },
  "validate": { args: ["A"] },
  "import": { args: ["new.env"] },
  "push": { args: ["--input", "new.env"] },
  "pull": { args: [], hasNoJson: true },
  "exec": { args: [], hasNoJson: true, behind: ["--", ...PRINT_A] },
} as const satisfies Readonly<Record<string, Given>>;

interface Given {
  readonly args: readonly string[];
  readonly hasNoJson?: boolean;
  readonly behind?: readonly string[];
}

type Command = keyof typeof COMMANDS;

const KEYS = "~/.config/sops/age/keys.txt";
const RULE = { ".sops.yaml": `creation_rules:\n  - age: ${TEST_X25519.recipient}\n` };
const OWN_KEY = { [KEYS]: `${TEST_X25519.identity}\n` };
const NEW = { "new.env": `A=${CANARY}\nB=${CANARY}\n` };
const TWO_VAULTS = "secrets: {providers: {a: {spec: {path: a}}, b: {spec: {path: b}}}}\n";
const CLOUD_VAULT = "secrets: {providers: {cloud: {kind: sops/aws-kms, spec: {path: a}}}}\n";

/** A state, with the exit code of each command in it; the code of `*` is that of the others. */
interface State {
  readonly files?: TestHostOptions["files"];
  /** Files that are made with the program first. */
  readonly isFilled?: boolean;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly isReadOnly?: boolean;
  readonly codes: Partial<Record<Command | "*", number>>;
}

const STATES: Readonly<Record<string, State>> = {
  "without a vault or a rule": { files: NEW, codes: { "init": 4, "validate": 3, "delete --all": 0, "*": 1 } },
  "with two vaults": { files: { ...NEW, ...RULE, "atmos.yaml": TWO_VAULTS }, codes: { "*": 2 } },
  "with an unknown vault": { files: { ...NEW, ...RULE }, args: ["--vault", "none"], codes: { "*": 2 } },
  "with a vault of another kind": {
    files: { ...NEW, ...RULE, "atmos.yaml": CLOUD_VAULT },
    args: ["--stack", "x"],
    codes: { "*": 1 },
  },
  "without the stack that a vault needs": {
    files: { ...NEW, ...RULE, "atmos.yaml": TWO_VAULTS },
    args: ["--vault", "a"],
    codes: { "*": 2 },
  },
  "without the file": {
    files: { ...NEW, ...RULE, ...OWN_KEY },
    codes: { "init": 0, "set": 0, "import": 0, "push": 0, "delete --all": 0, "validate": 3, "*": 1 },
  },
  "with a file that is not encrypted": {
    files: { ...NEW, ...RULE, ...OWN_KEY, "secrets/secrets.yaml": `A: ${CANARY}\n` },
    codes: { "*": 1 },
  },
  "with a file that is no YAML": {
    files: { ...NEW, ...RULE, ...OWN_KEY, "secrets/secrets.yaml": `A: [${CANARY}\n` },
    codes: { "*": 1 },
  },
  "without an identity": {
    files: { ...NEW, ...RULE, [KEYS]: `${TEST_X25519_OTHER.identity}\n` },
    isFilled: true,
    codes: { "list": 0, "validate": 0, "*": 4 },
  },
  "where nothing can be written": {
    files: { ...NEW, ...RULE, ...OWN_KEY },
    isFilled: true,
    isReadOnly: true,
    codes: { "get": 0, "list": 0, "validate": 0, "pull": 0, "exec": 0, "*": 1 },
  },
};

const WRITING: ReadonlySet<FileOperation> = new Set(["create", "open", "rename", "remove", "makeDirectory"]);

async function prepare(state: State): Promise<{ host: TestHost; freeze: () => void }> {
  let isFrozen = false;
  const host = await testHost({
    files: { ...state.files },
    stdin: CANARY,
    beforeFileOperation: (operation) => {
      if (isFrozen && WRITING.has(operation)) throw new Deno.errors.PermissionDenied("read-only");
    },
  });
  return { host, freeze: () => void (isFrozen = true) };
}

/** @returns every file with what it holds */
function snapshot(host: TestHost): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (folder: string): void => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      if (isDirectory) visit(`${folder}/${name}`);
      else found[`${folder}/${name}`] = Deno.readTextFileSync(`${folder}/${name}`);
    }
  };
  visit(host.root);
  return found;
}

for (const [what, state] of Object.entries(STATES)) {
  Deno.test(`secret commands ${what}`, async (test) => {
    for (const [command, { args, hasNoJson = false, behind = [] }] of Object.entries<Given>(COMMANDS)) {
      await test.step(command, async () => {
        const { host, freeze } = await prepare(state);
        await using _ = host;
        if (state.isFilled) {
          const filled = host.restarted({ cwd: host.cwd, env: envOf(host), stdin: new TextEncoder().encode("old") });
          assertEquals(await run(["secret", "set", "A", "--stdin"], filled), 0, host.written("stderr"));
        }
        if (state.isReadOnly) freeze();
        const before = snapshot(host);
        const start = host.output.length;
        const json = hasNoJson ? [] : ["--json"];
        const line = ["secret", ...command.split(" "), ...args, ...state.args ?? [], ...json, ...behind];
        const code = await run(line, host);
        const said = (stream: string): string =>
          host.output.slice(start).filter((piece) => piece.stream === stream).map(({ text }) => text).join("");
        const expected = state.codes[command as Command] ?? state.codes["*"] ?? 0;
        assertEquals(code, expected, `${line.join(" ")}\n${said("stderr")}`);
        assert(!said("stderr").includes(CANARY), "a value is shown");
        if (!hasNoJson) {
          const result = JSON.parse(said("stdout"));
          assertEquals("error" in result, code !== 0 && code !== 3, said("stdout"));
        }
        if (code !== 0) assertEquals(snapshot(host), before, "a file was changed");
      });
    }
  });
}

function envOf(host: TestHost): Record<string, string> {
  return { HOME: host.home, PATH: host.env("PATH") ?? "" };
}
