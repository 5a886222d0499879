/**
 * The completion scripts in real shells: somebody types a line and presses Tab. bash and zsh are driven on a
 * pseudo-terminal, which zsh's own `zpty` gives; fish answers `complete -C`.
 */
import { COMPLETION_SCRIPTS } from "../../lib/commands/completion/scripts.ts";
import { outputOf, ROOT } from "../../scripts/process.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { COMPLETION_VAULTS } from "../support/completion_vaults.ts";
import { peerTest } from "../support/peers.ts";
import { runIsolated, type TestHost, testHost } from "../support/test_host.ts";

/** Recipients of test keys. */
const CONFIG = "keys:\n  - &alice age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8\ncreation_rules: []\n";

const FILES = {
  ".sops.yaml": CONFIG,
  "atmos.yaml": COMPLETION_VAULTS,
  "my file.yaml": "",
  "sub/inner/x.yaml": "",
  "sub/other.yaml": "",
};

/** What is typed, and what stands there after Tab, in bash and zsh. */
const LINES: readonly (readonly [typed: string, completed: string])[] = [
  ["sopsmith ru", "sopsmith rules "],
  ["sopsmith rules ex", "sopsmith rules explain "],
  ["sopsmith completion f", "sopsmith completion fish "],
  ["sopsmith keygen --w", "sopsmith keygen --with-recipients "],
  ["sopsmith keygen prod-", "sopsmith keygen prod-sops "],
  ["sopsmith keygen prod:", "sopsmith keygen prod:db "],
  ["sopsmith keygen my", "sopsmith keygen my\\ vault "],
  ['sopsmith keygen "my', 'sopsmith keygen "my vault" '],
  ["sopsmith keygen it", "sopsmith keygen it\\'s\\ \\$HOME "],
  ["sopsmith rules explain my", "sopsmith rules explain my\\ file.yaml "],
  ["sopsmith rules explain 'my", "sopsmith rules explain 'my file.yaml' "],
  ["sopsmith keygen --config=my", "sopsmith keygen --config=my\\ file.yaml "],
  ["sopsmith keygen --config-path su", "sopsmith keygen --config-path sub/"],
  ["sopsmith -C sub rules explain o", "sopsmith -C sub rules explain other.yaml "],
  ["sopsmith -C sub rules explain in", "sopsmith -C sub rules explain inner/"],
  ["sopsmith recipient rename al", "sopsmith recipient rename alice "],
  ["sopsmith recipient add nobody", "sopsmith recipient add nobody"],
  ["sopsmith set --value-s", "sopsmith set --value-stdin "],
  ["sopsmith decrypt my", "sopsmith decrypt my\\ file.yaml "],
  ["sopsmith decrypt --output my", "sopsmith decrypt --output my\\ file.yaml "],
  ["sopsmith set sub/o", "sopsmith set sub/other.yaml "],
  ["sopsmith nonsense x", "sopsmith nonsense x"],
  ["sopsmith keygen $(touch pwned) --dr", "sopsmith keygen $(touch pwned) --dry-run "],
];

const BASH_START = `PS1='ready>'
bind 'set bell-style none'
bind 'set enable-bracketed-paste off'
report() { printf '<<%s>>\\n' "$READLINE_LINE"; READLINE_LINE=; }
bind -x '"\\C-g": report'
source ./completion
`;

const ZSH_START = `PS1='ready>'
unsetopt beep
autoload -Uz compinit; compinit -D -u
source ./completion
report() { print -r -- "<<$BUFFER>>"; BUFFER=; }
zle -N report
bindkey '^G' report
`;

/** Types each line, Tab, and the key that shows what stands there now. The first argument starts the shell. */
const DRIVER = `zmodload zsh/zpty
zpty shell "TERM=dumb $1"
shift
zpty -r shell out '*ready>*'
for line in "$@"; do
  zpty -n -w shell "$line"$'\\t\\x07'
  zpty -r shell out '*>>*'
  print -r -- "$out"
done
`;

/** Longest time that a shell may take for all lines, in milliseconds. */
const TIMEOUT_MS = 60_000;

/** A folder with the files above, the shell's script as `completion`, and `sopsmith` from source on the path. */
async function shellHost(script: string): Promise<{ host: TestHost; env: Record<string, string> }> {
  const host = await testHost({ files: { ...FILES, completion: script, "driver.zsh": DRIVER } });
  await Deno.mkdir(`${host.root}/bin`);
  const program =
    `#!/bin/sh\nexec '${Deno.execPath()}' run -q '--config=${ROOT}/deno.json' -P '${ROOT}/main.ts' "$@"\n`;
  await Deno.writeTextFile(`${host.root}/bin/sopsmith`, program, { mode: 0o755 });
  const { denoDir }: { denoDir: string } = JSON.parse(await outputOf(Deno.execPath(), ["info", "--json"]));
  const path = `${host.root}/bin:${Deno.env.get("PATH")}`;
  return { host, env: { HOME: host.home, PATH: path, DENO_DIR: denoDir, LC_ALL: "C.UTF-8" } };
}

/** @returns what stands on the terminal's line after Tab, for each line */
async function pressTab(start: string, startFile: string, script: string, lines: readonly string[]): Promise<string[]> {
  const { host, env } = await shellHost(script);
  await using _host = host;
  await host.writeText(startFile, start);
  const command = startFile === ".zshrc" ? "ZDOTDIR=. zsh -i" : `bash --noprofile --rcfile ${startFile} -i`;
  const result = await new Deno.Command("zsh", {
    args: ["-f", "driver.zsh", command, ...lines],
    cwd: host.cwd,
    env,
    clearEnv: true,
    stdin: "null",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).output();
  const shown = new TextDecoder().decode(result.stdout);
  assertEquals((await Array.fromAsync(Deno.readDir(host.cwd))).some(({ name }) => name === "pwned"), false);
  return Array.from(shown.matchAll(/<<(.*?)>>/g), ([, line = ""]) => line);
}

peerTest("the bash script completes in a real bash", ["bash", "zsh"], async () => {
  const completed = await pressTab(BASH_START, "bashrc", COMPLETION_SCRIPTS.bash, LINES.map(([typed]) => typed));
  assertEquals(completed, LINES.map(([, line]) => line));
});

peerTest("the zsh script completes in a real zsh", ["zsh"], async () => {
  const completed = await pressTab(ZSH_START, ".zshrc", COMPLETION_SCRIPTS.zsh, LINES.map(([typed]) => typed));
  assertEquals(completed.map(plainZsh), LINES.map(([, line]) => plainZsh(line)));
});

/** zsh writes the blank or slash after a word when the next word begins. */
function plainZsh(line: string): string {
  return line.replace(/[ /]$/, "");
}

peerTest("the fish script completes in a real fish", ["fish"], async () => {
  const { host, env } = await shellHost(COMPLETION_SCRIPTS.fish);
  await using _host = host;
  const expected: readonly (readonly [typed: string, offered: readonly string[]])[] = [
    ["sopsmith ru", ["rules\tThe creation rules of .sops.yaml"]],
    ["sopsmith completion f", ["fish"]],
    ["sopsmith keygen --dr", ["--dry-run\tshow the change of .sops.yaml, make no key, write nothing"]],
    ["sopsmith keygen prod:", ["prod:db\tsops/age"]],
    ["sopsmith keygen 'my", ["my vault\tsops/age"]],
    ["sopsmith keygen my\\ v", ["my vault\tsops/age"]],
    ["sopsmith rules explain my", ["my file.yaml"]],
    ['sopsmith rules explain "my', ["my file.yaml"]],
    ["sopsmith keygen --config=my", ["--config=my file.yaml"]],
    ["sopsmith keygen --config-path su", ["sub/"]],
    ["sopsmith -C sub rules explain ", ["inner/", "other.yaml"]],
    ["sopsmith recipient rename al", ["alice\tage1nnex…4pfg8"]],
    ["sopsmith nonsense x", []],
  ];
  const script = "source ./completion; for line in $argv; echo '<<'; complete -C $line; end";
  const lines = expected.map(([typed]) => typed);
  const result = await runIsolated("fish", ["--no-config", "-c", script, ...lines], { cwd: host.cwd, env });
  const shown = new TextDecoder().decode(result?.stdout).split("<<\n").slice(1);
  assertEquals(shown.map((text) => text.split("\n").slice(0, -1)), expected.map(([, offered]) => [...offered]));
  assert(result?.code === 0);
});
