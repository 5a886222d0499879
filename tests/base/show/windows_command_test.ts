import { findWindowsShell, translateCommands } from "../../../lib/base/show/windows_command.ts";
import { assertEquals } from "../../support/assert.ts";

const SYSTEM_MODULES = String
  .raw`C:\Program Files\WindowsPowerShell\Modules;C:\Windows\system32\WindowsPowerShell\v1.0\Modules`;

/** What each shell leaves in the environment. */
const SHELLS = {
  "cmd": { PROMPT: "$P$G", PSModulePath: SYSTEM_MODULES, USERPROFILE: String.raw`C:\Users\me` },
  "powershell": {
    PSModulePath: String.raw`C:\Users\me\Documents\WindowsPowerShell\Modules;${SYSTEM_MODULES}`,
    USERPROFILE: String.raw`C:\Users\me`,
  },
} as const;

function hostOf(env: Readonly<Record<string, string>>, os: "linux" | "windows" = "windows") {
  return { os, env: (name: string): string | undefined => env[name] };
}

Deno.test("findWindowsShell() tells the shells apart, and takes PowerShell where nothing is to be seen", () => {
  assertEquals(findWindowsShell(hostOf(SHELLS.cmd)), "cmd");
  assertEquals(findWindowsShell(hostOf(SHELLS.powershell)), "powershell");
  assertEquals(findWindowsShell(hostOf({ ...SHELLS.powershell, PROMPT: "$P$G" })), "powershell"); // started from cmd
  assertEquals(findWindowsShell(hostOf({})), "powershell");
  assertEquals(findWindowsShell(hostOf({ ...SHELLS.cmd, MSYSTEM: "MINGW64" })), undefined);
  assertEquals(findWindowsShell(hostOf(SHELLS.cmd, "linux")), undefined);
});

/** What is written, and what PowerShell and cmd get. */
const COMMANDS: readonly (readonly [posix: string, powershell: string, cmd: string])[] = [
  [
    String.raw`sopsmith edit 'secrets\db.yaml'`,
    String.raw`sopsmith edit secrets\db.yaml`,
    String.raw`sopsmith edit secrets\db.yaml`,
  ],
  [
    String.raw`sopsmith edit 'my secrets\it'\''s.yaml'`,
    String.raw`sopsmith edit 'my secrets\it''s.yaml'`,
    String.raw`sopsmith edit "my secrets\it's.yaml"`,
  ],
  [
    "sopsmith edit 'it’s.yaml'",
    "sopsmith edit 'it’’s.yaml'", // a typographic quote ends a string, too
    'sopsmith edit "it’s.yaml"',
  ],
  [
    String.raw`sopsmith rules add "$(printf '^it'\''s\134\134db\134.yaml 100%%$')" isabel`,
    String.raw`sopsmith rules add '^it''s\\db\.yaml 100%$' isabel`,
    String.raw`sopsmith rules add "^it's\\db\.yaml 100%$" isabel`,
  ],
  [
    String.raw`sopsmith edit "$(printf 'a\012b')"`, // no shell of Windows can name it, and no line may hold it
    String.raw`sopsmith edit "$(printf 'a\012b')"`,
    String.raw`sopsmith edit "$(printf 'a\012b')"`,
  ],
  [
    "unset SOPS_PGP_FP to encrypt for age recipients alone",
    "Remove-Item env:SOPS_PGP_FP to encrypt for age recipients alone",
    'set "SOPS_PGP_FP=" to encrypt for age recipients alone',
  ],
  [
    "mkdir -p secrets && sopsmith edit 'secrets\\first.yaml'",
    "mkdir -Force secrets; if ($?) { sopsmith edit secrets\\first.yaml }",
    "mkdir secrets && sopsmith edit secrets\\first.yaml",
  ],
  [
    String.raw`export SOPS_AGE_KEY_FILE='~\keys.txt'`,
    String.raw`$env:SOPS_AGE_KEY_FILE = 'C:\Users\me\keys.txt'`,
    String.raw`set "SOPS_AGE_KEY_FILE=C:\Users\me\keys.txt"`,
  ],
  [
    'export SOPS_AGE_KEY="$SOPS_AGE_KEY_FILE"; unset SOPS_AGE_KEY_FILE',
    "$env:SOPS_AGE_KEY = $env:SOPS_AGE_KEY_FILE; Remove-Item env:SOPS_AGE_KEY_FILE",
    'set "SOPS_AGE_KEY=%SOPS_AGE_KEY_FILE%" & set "SOPS_AGE_KEY_FILE="',
  ],
  [
    "export SOPS_AGE_KEY_CMD='sopsmith identity export --vault a'",
    "$env:SOPS_AGE_KEY_CMD = 'sopsmith identity export --vault a'",
    'set "SOPS_AGE_KEY_CMD=sopsmith identity export --vault a"',
  ],
  [
    "sopsmith decrypt 'secrets\\db.yaml' > /dev/null",
    "sopsmith decrypt secrets\\db.yaml > $null",
    "sopsmith decrypt secrets\\db.yaml > NUL",
  ],
  [
    'sopsmith init --name "$USER"   # or something else',
    "sopsmith init --name $env:USERNAME   # or something else",
    "sopsmith init --name %USERNAME%   & rem or something else",
  ],
  [
    "run: sopsmith rules add '^a[/\\\\]b$' alice",
    "run: sopsmith rules add '^a[/\\\\]b$' alice",
    'run: sopsmith rules add "^a[/\\\\]b$" alice',
  ],
  [
    "next: sopsmith identity import 'my keys.txt' && rm 'my keys.txt'",
    "next: sopsmith identity import 'my keys.txt'; if ($?) { Remove-Item 'my keys.txt' }",
    'next: sopsmith identity import "my keys.txt" && del "my keys.txt"',
  ],
  [
    "bring back what it points to (ls -l ~/.config/k), or remove the symlink: rm 'a[1].txt'",
    String.raw`bring back what it points to (Get-Item C:\Users\me\.config\k), or remove the symlink: ` +
    "Remove-Item -LiteralPath 'a[1].txt'",
    String.raw`bring back what it points to (dir C:\Users\me\.config\k), or remove the symlink: del "a[1].txt"`,
  ],
  [
    "next: mv keys.txt ~/",
    String.raw`next: Move-Item keys.txt C:\Users\me\ `.trim(),
    String.raw`next: move keys.txt C:\Users\me\ `.trim(),
  ],
  ["Usage: sopsmith edit FILE [flags]", "Usage: sopsmith edit FILE [flags]", "Usage: sopsmith edit FILE [flags]"],
  [
    "sopsmith secret set NAME, then sopsmith secret list",
    "sopsmith secret set NAME, then sopsmith secret list",
    "sopsmith secret set NAME, then sopsmith secret list",
  ],
  [
    'it\'s "quoted"; nothing here is a command',
    'it\'s "quoted"; nothing here is a command',
    'it\'s "quoted"; nothing here is a command',
  ],
];

for (const [posix, powershell, cmd] of COMMANDS) {
  Deno.test(`translateCommands() writes ${posix} for the shell that is there`, () => {
    for (const [shell, expected] of [["powershell", powershell], ["cmd", cmd]] as const) {
      const translated = translateCommands(hostOf(SHELLS[shell]), posix);
      assertEquals([...translated], [...expected], `${shell}: ${translated}`); // letter by letter on every system
    }
    assertEquals(translateCommands(hostOf(SHELLS.cmd, "linux"), posix), posix);
  });
}
